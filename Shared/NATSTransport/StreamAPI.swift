import Messaging
import Primitives

/// The answers of the server's stream interface (`$JS.API.…`), and its requests as JSON.
enum StreamAPI {
    /// Why the server refused.
    enum Refusal: Error, Equatable {
        /// The stream or the consumer is not there.
        case missing
        case transport(TransportError)
        case refused(code: Int, text: String)

        var asTransportError: TransportError {
            switch self {
            case .missing: .failed("the stream or its consumer is missing")
            case .transport(let error): error
            case .refused(let code, let text): .failed("the stream refused: \(text) (\(code))")
            }
        }

        /// The same, saying what of which thing is another than declared and could not be mended.
        func about(_ name: String, _ settings: [String]) -> Refusal {
            guard case .refused(let code, let text) = self else { return self }
            return .refused(code: code, text: "\(name) is another in \(settings.joined(separator: ", ")): \(text)")
        }
    }

    /// Sends a request and reads the answer.
    static func call(
        _ transport: NATSTransport, _ operation: String, _ body: JSON? = nil, timeout: Duration = .seconds(2)
    ) async throws(Refusal) -> JSON {
        let answer: [UInt8]
        do throws(TransportError) {
            answer = try await transport.ask(
                server: "$JS.API.\(operation)", body.map { JSONWriter.encode($0) } ?? [], timeout: timeout)
        } catch {
            throw .transport(error)
        }
        return try read(answer)
    }

    /// The document in an answer, when it is no error.
    static func read(_ answer: [UInt8]) throws(Refusal) -> JSON {
        guard let json = try? JSONParser.parse(answer).value else { throw .refused(code: 0, text: "not JSON") }
        let error = json["error"]
        if error.isNull { return json }
        if error["code"].integer == 404 { throw .missing }
        throw .refused(code: error["err_code"].integer ?? 0, text: error["description"].string ?? "no reason given")
    }

    static func object(_ members: KeyValuePairs<String, JSON>) -> JSON { .object(members.map { JSONMember($0, $1) }) }
}

/// What a follower needs to know of the stream.
struct StreamState: Sendable, Equatable {
    /// Changes when the stream is made anew.
    var created: String
    var firstSequence: UInt64
    /// Of an emptied stream, one less than the first.
    var lastSequence: UInt64
    /// Whether the server publishes each event again; one made by an older version does not.
    var isRepublished = true

    init(created: String, firstSequence: UInt64, lastSequence: UInt64) {
        self.created = created
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
    }

    /// A look at the stream of now.
    static func now(_ transport: NATSTransport, timeout: Duration) async throws(StreamAPI.Refusal) -> StreamState {
        let info = try await StreamAPI.call(
            transport, "STREAM.INFO.\(transport.link.configuration.stream)", timeout: timeout)
        guard let state = StreamState(info: info) else { throw .refused(code: 0, text: "no stream state") }
        return state
    }

    init?(info: JSON) {
        guard let created = info["created"].string, let first = info["state"]["first_seq"].integer,
            let last = info["state"]["last_seq"].integer, first >= 0, last >= 0
        else { return nil }
        self.init(created: created, firstSequence: UInt64(first), lastSequence: UInt64(last))
        isRepublished = !info["config"]["republish"].isNull
    }
}
