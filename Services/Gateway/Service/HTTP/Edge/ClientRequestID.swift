import HTTPTypes

/// A client's own `X-Request-Id`.
enum ClientRequestID {
    /// `value` where it is 1 to 128 visible ASCII characters; else the gateway gives the request an id.
    static func acceptable(_ value: String?) -> String? {
        guard let value, (1...128).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return value
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id") ?? .server
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .server
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed") ?? .server
    static let traceparent = HTTPField.Name("traceparent") ?? .server
}
