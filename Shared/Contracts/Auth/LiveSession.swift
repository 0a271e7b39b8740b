package import Primitives

/// One session of an account.
package struct LiveSession: JSONCodable, Sendable, Equatable {
    package var id: Identifier
    /// What its client called itself at signing in (`User-Agent`), cut and without control characters.
    package var device: String?
    /// Where its client was when it was begun or last refreshed; `nil` where that is not known.
    package var address: String?
    package var createdAt: Timestamp
    /// When it was begun or last refreshed; access tokens are used without a trace.
    package var lastSeenAt: Timestamp
    /// Whether it is the one asking.
    package var current: Bool

    package init(
        id: Identifier, device: String? = nil, address: String? = nil, createdAt: Timestamp, lastSeenAt: Timestamp,
        current: Bool
    ) {
        self.id = id
        self.device = device
        self.address = address
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.current = current
    }

    package init(json: JSON) throws(JSONMismatch) {
        id = try json.get("id")
        device = try json.get("device")
        address = try json.get("address")
        createdAt = try json.get("createdAt")
        lastSeenAt = try json.get("lastSeenAt")
        current = try json.get("current")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", id)
            $0.field("device", device)
            $0.field("address", address)
            $0.field("createdAt", createdAt)
            $0.field("lastSeenAt", lastSeenAt)
            $0.field("current", current)
        }
    }
}
