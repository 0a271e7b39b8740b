package import Primitives

/// A request to a service and the type of its answer, declared once for both sides.
///
/// On the wire: the parameters as one line of compact JSON; for a `RelayedRequest` a line feed and the client's body
/// follow, untouched.
package protocol ServiceRequest: JSONCodable, Sendable {
    associatedtype Reply: JSONCodable & Sendable

    /// `<service>.<operation>`: exactly two words, which is what the message server's permissions allow.
    static var subject: String { get }
    /// How long the asking side waits.
    static var timeout: Duration { get }

    /// The request as it travels.
    var encoded: [UInt8] { get }
}

extension ServiceRequest {
    /// Five seconds, unless the request says otherwise.
    package static var timeout: Duration { .seconds(5) }
}

/// A request that carries a client's JSON body as it came; only the owning service reads it.
package protocol RelayedRequest: ServiceRequest {
    associatedtype Input: InputFields

    /// The fields of the body.
    static var input: Input { get }
    /// The client's JSON, empty when it sent none. Not among the parameters that `write(to:)` writes.
    var body: [UInt8] { get set }
}

/// A request for a part of a list, which carries a client's query as it came; only the owning service reads it.
package protocol ListRequest: ServiceRequest {
    associatedtype Query: InputFields

    /// The parameters of the query.
    static var parameters: Query { get }

    var query: QueryParameters { get }
}

/// The answer of an operation that has nothing to say.
package struct Nothing: DescribedObject, Sendable, Equatable {
    package static let about = "Done; there is nothing to say."
    package static let example = Nothing()

    /// There is one value of it.
    package init() {}

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) {}
}

/// A fact that a service tells the others, declared once for all of them.
package protocol ServiceEvent: JSONCodable, Sendable {
    /// `<service>.event.<what happened>`.
    static var subject: String { get }
}

extension ServiceRequest {
    package var encoded: [UInt8] { JSONWriter.encode(self) }
}

extension RelayedRequest {
    package var encoded: [UInt8] {
        var writer = JSONWriter(reserving: body.count + 256)
        write(to: &writer)
        var bytes = writer.bytes
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: body)
        return bytes
    }
}

extension ServiceRequest {
    init(encoded: [UInt8]) throws(JSONMismatch) {
        let end = encoded.firstIndex(of: UInt8(ascii: "\n")) ?? encoded.endIndex
        let parameters: JSON
        do { parameters = try JSONParser.parse(encoded[..<end]).value } catch {
            throw JSONMismatch(expected: "JSON: \(error.reason)")
        }
        let request = try Self(json: parameters)
        if end < encoded.endIndex, var relayed = request as? any RelayedRequest {
            relayed.body = Array(encoded[(end + 1)...])
            guard let complete = relayed as? Self else { throw JSONMismatch(expected: "a body") }
            self = complete
        } else {
            self = request
        }
    }
}
