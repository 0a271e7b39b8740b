package import Primitives

/// One session of an account.
package struct LiveSession: DescribedObject, Sendable, Equatable {
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

    package static let about = "A session that has not ended."

    package static let example = LiveSession(
        id: Examples.session, device: "Mozilla/5.0", address: "203.0.113.7", createdAt: Examples.time,
        lastSeenAt: Examples.time, current: true)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("id", &object.id, "The session.")
        try list.member(
            "device", &object.device,
            "What its client called itself when it signed in, cut to 200 characters; else `null`.")
        try list.member(
            "address", &object.address,
            "Where its client was when it was begun or last refreshed; `null` where that is not known.")
        try list.member("createdAt", &object.createdAt, "When it was begun.")
        try list.member("lastSeenAt", &object.lastSeenAt, "When it was begun or last refreshed.")
        try list.member("current", &object.current, "Whether it is the one that asks.")
    }
}
