import Contracts
import Messaging

/// In which form a client gets a transcript.
enum TranscriptForm: Sendable, Equatable, CaseIterable {
    // The first is the one for clients that do not care.
    case text
    case json
    case csv

    private static let charset = AcceptHeader.Parameter(name: "charset", value: "utf-8")

    /// As `Accept` may ask for it.
    private var mediaType: MediaType {
        switch self {
        case .text: MediaType(type: "text", subtype: "plain", parameters: [Self.charset])
        case .json: MediaType(type: "application", subtype: "json", parameters: [Self.charset])
        case .csv:
            // RFC 4180 §3.
            MediaType(
                type: "text", subtype: "csv",
                parameters: [Self.charset, AcceptHeader.Parameter(name: "header", value: "present")])
        }
    }

    /// - Throws: `not-acceptable` when the client takes none of them.
    init(_ accept: AcceptHeader) throws(ServiceError) {
        let best = accept.best(of: Self.allCases.map(\.mediaType))
        guard let form = Self.allCases.first(where: { $0.mediaType == best }) else {
            throw ServiceError(
                .notAcceptable, "A transcript is text/plain, application/json or text/csv, in UTF-8.")
        }
        self = form
    }

    var contentType: String {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        }
    }

    /// Under which a transcript is saved.
    func fileName(number: Int) -> String {
        let ending =
            switch self {
            case .text: "txt"
            case .json: "json"
            case .csv: "csv"
            }
        return "order-\(number)-transcript.\(ending)"
    }

    /// - Parameter hasMark: whether a CSV begins with a byte order mark, by which spreadsheets know UTF-8; the others
    ///   never do, and JSON must not (RFC 8259 §8.1).
    func renderer(hasMark: Bool) -> any TranscriptRenderer {
        switch self {
        case .text: TextTranscript()
        case .json: JSONTranscript()
        case .csv: CSVTranscript(hasMark: hasMark)
        }
    }
}

/// How a transcript is written in one form: its parts, one after another. Each appends to the bytes it is given.
protocol TranscriptRenderer: Sendable {
    /// What stands before the messages.
    func begin(_ head: TranscriptHead, _ bytes: inout [UInt8])
    /// The next message; the first has `seq` 1.
    func add(_ message: Message, _ bytes: inout [UInt8])
    /// What stands behind the last message.
    func end(_ head: TranscriptHead, _ bytes: inout [UInt8])
}
