import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Messaging
import NIOCore
import Primitives

/// A request whose route is known: what route handlers may use.
struct GatewayRequest: Sendable {
    let head: HTTPRequest
    let uri: URI
    private let parameters: Parameters
    /// What travels with the request to the services, the caller included.
    let context: CallContext
    /// The body as it came; empty where the route has none.
    let body: [UInt8]
    /// Whether the body is longer than the route takes, and left out.
    let isBodyTooLong: Bool
    /// Why the client is nobody, where it need not be somebody.
    let refusal: ServiceError?
    /// Whether the client reached us over HTTPS, so that a cookie may be `Secure`.
    let isSecure: Bool
    /// The connection.
    let channel: any Channel

    /// - Parameter body: `nil` when it is longer than the route takes.
    init(
        head: HTTPRequest, uri: URI, parameters: Parameters, context: CallContext, body: [UInt8]?,
        refusal: ServiceError? = nil, isSecure: Bool, channel: any Channel
    ) {
        self.head = head
        self.uri = uri
        self.parameters = parameters
        self.context = context
        self.body = body ?? []
        isBodyTooLong = body == nil
        self.refusal = refusal
        self.isSecure = isSecure
        self.channel = channel
    }

    /// An id of the path.
    /// - Throws: `invalid-id`.
    func id(_ name: String) throws(ServiceError) -> Identifier {
        guard let id = parameters.get(name).flatMap({ Identifier($0) }) else {
            throw ServiceError(.invalidID, "The \(name) in the address is not a UUID.")
        }
        return id
    }

    func parameter(_ name: String) -> String { parameters.get(name) ?? "" }

    /// The first value of each name in the query, decoded as HTML forms and `URLSearchParams` encode it: `+` is a
    /// space. What is not percent-encoded UTF-8 stands for itself.
    var query: QueryParameters {
        // By bytes: to `split` and `replacing` a sign with a combining mark behind it is another one.
        func decoded(_ text: Substring.UTF8View) -> String {
            let spaced = String(
                decoding: text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
            return spaced.removingPercentEncoding ?? spaced
        }
        var values: [String: String] = [:]
        for pair in (uri.query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = decoded(parts[0])
            if values[name] == nil { values[name] = parts.count == 2 ? decoded(parts[1]) : "" }
        }
        return QueryParameters(values)
    }

    /// The client's `Idempotency-Key`, without its quotes.
    /// - Throws: `validation-failed` when it is not 1 to 255 visible characters, quoted or bare.
    func idempotencyKey() throws(ServiceError) -> String? {
        let values = head.headerFields[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw .validation("Idempotency-Key", "duplicate", "must not stand twice") }
        let quote = UInt8(ascii: "\"")
        var key = Substring(value).utf8
        if key.first == quote {
            guard key.count >= 2, key.last == quote else {
                throw .validation("Idempotency-Key", "format", "has a quote that is not closed")
            }
            key = key.dropFirst().dropLast()
        }
        guard (1...255).contains(key.count), key.allSatisfy({ (0x20...0x7E).contains($0) && $0 != quote }) else {
            throw .validation("Idempotency-Key", "length", "must have 1 to 255 visible ASCII characters")
        }
        return String(Substring(key))
    }

    var ifMatch: String? { head.headerFields[.ifMatch] }

    /// Whether an `If-None-Match` holds `tag`, which is strong and quoted (RFC 9110 §13.1.2, weak comparison).
    func hasTag(_ tag: String) -> Bool {
        guard let value = head.headerFields[.ifNoneMatch] else { return false }
        return value.split(separator: ",").contains { part in
            let trimmed = part.trimmingCharacters(in: .whitespaces)
            return trimmed == "*" || trimmed == tag || trimmed == "W/\(tag)"
        }
    }

    /// The values of a cookie, each once. A browser sends several of one name when they were set for different paths or
    /// domains.
    func cookies(_ name: String) -> [String] {
        var values: [String] = []
        for field in head.headerFields[values: .cookie] {
            for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
                let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
                let words = parts.map { Substring($0).trimmingCharacters(in: .whitespaces) }
                guard words.count == 2, words[0].isExactly(name), !words[1].isEmpty else { continue }
                if !values.contains(where: words[1].isExactly) { values.append(words[1]) }
            }
        }
        return values
    }
}
