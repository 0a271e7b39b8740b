public import NIOSSL

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Somebody who uses Orderline: a session, its orders and its rooms.
///
/// What is asked is asked again when that is safe and what came passes by itself; the session is renewed when its token
/// expires. There is a connection from the first ``room(_:after:limit:)`` that is read, or loop over ``events``, on, and
/// it ends with ``close()``, with the session, or when nobody has the client any more.
public final class Client: Sendable {
    /// The version of the interface that this client speaks.
    public static let version = "1.0.0"

    let core: ClientCore

    /// - Parameters:
    ///   - origin: where a gateway is reached: `https://orders.example`.
    ///   - tokens: keeps the refresh token; for as long as the client is there unless you give something better.
    ///   - tls: authorities of your own, say.
    /// - Throws: `invalid-origin`.
    public init(
        origin: String, tokens: any TokenStore = MemoryTokenStore(), tls: TLSConfiguration? = nil
    ) throws(Problem) {
        core = ClientCore(origin: try Origin(origin), tls: tls, tokens: tokens)
    }

    deinit { core.life.end() }

    /// Ends the connection and every loop; the session stays.
    public func close() async { await core.close() }

    /// Comes back at once where it waits. Call it when the device is online again, or the app is shown.
    public func wake() async { await core.wake() }

    /// What happens outside of rooms, while there is a session, this one or the next.
    public var events: EventSequence<ClientEvent> { EventSequence { [self] in await core.listen() } }

    // MARK: Sessions

    /// Who has signed in; `nil` when nobody has.
    public var user: User? { get async { await core.user } }

    /// Makes an account and signs in.
    @discardableResult
    public func register(name: String, email: String, password: String) async throws -> User {
        try await core.begin("/auth/register", Credentials(name: name, email: email, password: password))
    }

    /// - Parameter code: of the second factor, where there is one (`second-factor-required`).
    @discardableResult
    public func logIn(email: String, password: String, code: String? = nil) async throws -> User {
        try await core.begin("/auth/login", Credentials(email: email, password: password, code: code))
    }

    /// Goes on with the session of the kept token.
    /// - Returns: `nil` when there is none.
    @discardableResult
    public func resume() async throws -> User? { try await core.resume() }

    /// Ends the session here, and its sockets everywhere.
    public func logOut() async throws { try await core.logOut() }

    // MARK: Calls

    /// Any call of the interface that answers something.
    /// - Parameters:
    ///   - path: behind `/api/v1`; put texts of others through percent-encoding.
    ///   - query: what is `nil` is left out.
    ///   - isRepeatable: whether doing it twice is doing it once; of `GET`, if nothing is said.
    public func call<Answer: Decodable>(
        _ method: String, _ path: String, query: [String: String?] = [:], headers: [String: String] = [:],
        body: (any Encodable)? = nil, isRepeatable: Bool? = nil
    ) async throws -> Answer {
        let answer = try await bytes(method, path, query, headers, body, isRepeatable)
        return try WireCoding.decode(Answer.self, answer)
    }

    /// Any call that answers nothing, or whose answer does not matter.
    public func call(
        _ method: String, _ path: String, query: [String: String?] = [:], headers: [String: String] = [:],
        body: (any Encodable)? = nil, isRepeatable: Bool? = nil
    ) async throws {
        _ = try await bytes(method, path, query, headers, body, isRepeatable)
    }

    private func bytes(
        _ method: String, _ path: String, _ query: [String: String?], _ headers: [String: String],
        _ body: (any Encodable)?, _ isRepeatable: Bool?
    ) async throws -> [UInt8] {
        var call = HTTPCall(method, path, isRepeatable: isRepeatable)
        call.query = query.compactMap { name, value in value.map { (name, $0) } }
        call.headers = headers.map { ($0, $1) }
        if let body { call.body = try WireCoding.encode(body) }
        return try await core.perform(call)
    }

    // MARK: Orders

    /// One's own orders, or everybody's for an Admin, the newest first.
    /// - Parameters:
    ///   - text: what is searched for.
    ///   - from: the earliest time of placing.
    ///   - to: the time before which it was placed.
    ///   - ownerId: for Admins.
    public func orders(
        status: OrderStatus? = nil, text: String? = nil, from: Date? = nil, to: Date? = nil, ownerId: String? = nil
    ) -> Listing<Order> {
        Listing(
            client: self, path: "/orders",
            filters: [
                "status": status?.rawValue, "q": text, "from": from.map(WireCoding.text), "to": to.map(WireCoding.text),
                "ownerId": ownerId,
            ])
    }

    public func order(_ id: String) async throws -> Order { try await call("GET", Self.path(of: id)) }

    /// Places an order, once, however often it has to be asked.
    /// - Parameter key: makes doing it again safe, for 24 hours.
    public func placeOrder(_ draft: OrderDraft, key: String = UUID().uuidString) async throws -> Order {
        try await call("POST", "/orders", headers: ["Idempotency-Key": key], body: draft, isRepeatable: true)
    }

    /// Changes the order as it was read.
    /// - Throws: `version-mismatch` when somebody has changed it in between; `order-not-editable`.
    public func updateOrder(_ order: Order, _ changes: OrderChanges) async throws -> Order {
        try await call("PATCH", Self.path(of: order.id), headers: ["If-Match": "\"\(order.version)\""], body: changes)
    }

    /// For Admins.
    /// - Throws: `invalid-status-transition`.
    public func completeOrder(_ id: String) async throws -> Order {
        try await call("PATCH", Self.path(of: id) + "/status", body: ["status": OrderStatus.completed])
    }

    /// What has happened to it, the oldest first.
    public func orderHistory(_ id: String) -> Listing<OrderHistoryEntry> {
        Listing(client: self, path: Self.path(of: id) + "/history", filters: [:])
    }

    /// For Admins.
    public func orderStats() async throws -> OrderStats { try await call("GET", "/orders/stats") }

    private static func path(of id: String) -> String { "/orders/\(Escaped.component(id))" }

    // MARK: Rooms

    /// One's own rooms, or everybody's for an Admin, that with the newest message first.
    public func rooms(isOpen: Bool? = nil, isUnread: Bool? = nil, text: String? = nil) -> Listing<RoomFacts> {
        Listing(
            client: self, path: "/chat/rooms",
            filters: ["open": isOpen.map { "\($0)" }, "unread": isUnread.map { "\($0)" }, "q": text])
    }

    /// The room of an order.
    /// - Parameters:
    ///   - after: the last `seq` that you have: what is behind it is told.
    ///   - limit: without `after`, how many of the last messages are told; 1 to 100.
    public func room(_ orderId: String, after: Int? = nil, limit: Int? = nil) -> Room {
        Room(client: self, orderId: orderId, after: after, limit: limit)
    }
}

/// By which somebody signs in; refresh tokens are not for cookies here.
private struct Credentials: Encodable {
    var name: String?
    var email: String
    var password: String
    var code: String?
    var tokenDelivery = "body"
}
