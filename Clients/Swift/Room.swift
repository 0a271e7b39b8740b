#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The conversation of one order.
///
/// It is joined when somebody reads its ``events`` or sends something, and joined again after every loss of the
/// connection, with what was missed meanwhile. It is left by ``leave()``, or when nobody has it any more; then ask the
/// client for another.
public final class Room: Sendable {
    /// The order, by whose id the room is addressed.
    public let orderId: String

    let client: Client
    /// The last `seq` that the caller has.
    let after: Int?
    let limit: Int?
    let end = RoomEnd()
    /// So many messages may wait to be sent; one more is refused with `outbox-full`.
    private let line = Turnstile(limit: 1000)

    init(client: Client, orderId: String, after: Int?, limit: Int?) {
        self.client = client
        self.orderId = orderId.lowercased()
        self.after = after
        self.limit = limit
    }

    /// What happens from the first `next()` on; begin to read before you send. A loop over it ends when the room is
    /// left, and throws the ``Problem`` when that had a reason.
    public var events: EventSequence<RoomEvent> {
        EventSequence { [self] in try await client.core.read(self) }
    }

    /// How the room stands to the server.
    public var state: RoomState {
        get async { end.problem == nil ? await client.core.progress(self)?.state ?? .connecting : .ended }
    }

    /// The room as it was when it was joined last; `nil` before, and once it is left.
    public var facts: RoomFacts? { get async { await client.core.progress(self)?.facts } }

    /// The last message that was told; begin another room with it as `after`.
    public var lastSeq: Int? { get async { await client.core.progress(self)?.lastSeq ?? after } }

    /// Sends a message, once, behind those before it: now, or when there is a connection again.
    ///
    /// The place in the line is taken before this waits for anything: what one actor sends, it sends in the order of
    /// the calls. Cancelling the task takes a message back that is not on its way.
    /// - Parameters:
    ///   - content: 1 to 4,000 Unicode scalars.
    ///   - clientMessageId: a UUID of your own, by which you know the message among the ``events``.
    /// - Returns: the message as it is stored.
    /// - Throws: the ``Problem`` for which it was refused, `outbox-full`, `room-left`, or `CancellationError`.
    @discardableResult
    public func send(_ content: String, clientMessageId: String = UUID().uuidString.lowercased()) async throws
        -> Message
    {
        let place = try line.enter()
        defer { line.leave(place) }
        try await place.turn()
        return try await client.core.send(content, clientMessageId, in: self)
    }

    /// Says that one has read up to here.
    /// - Parameter seq: the last message that was told, if nothing else is said.
    public func markRead(_ seq: Int? = nil) async throws {
        let last = if let seq { seq } else { await lastSeq ?? 0 }
        try await client.call("POST", path("read"), body: ["seq": last], isRepeatable: true)
    }

    /// How far each user has read, the farthest first; ``RoomEvent/read(_:)`` goes on from there.
    public func reads() -> Listing<MessagesRead> {
        Listing(client: client, path: path("reads"), filters: [:])
    }

    /// Tells others that one is typing, if there is a connection. Repeat it every few seconds while it is so.
    public func typing(_ isTyping: Bool) async { await client.core.type(isTyping, in: self) }

    /// Closes the room for good; for Admins. Its order moves on.
    /// - Parameter key: makes doing it again safe, for 24 hours.
    @discardableResult
    public func close(_ summary: String, key: String = UUID().uuidString) async throws -> RoomFacts {
        try await client.call(
            "POST", path("close"), headers: ["Idempotency-Key": key], body: ["summary": summary], isRepeatable: true)
    }

    /// Messages before `before`, or behind `after`, the newest of them last.
    /// - Parameter limit: 1 to 100.
    public func messages(before: Int? = nil, after: Int? = nil, limit: Int? = nil) async throws -> MessagePage {
        try await client.call(
            "GET", path("messages"),
            query: [
                "before": before.map(String.init), "after": after.map(String.init), "limit": limit.map(String.init),
            ])
    }

    /// Leaves the room and ends its loops; what waits to be sent is refused.
    public func leave() async { await client.core.leave(self) }

    private func path(_ name: String) -> String { "/chat/rooms/\(Escaped.component(orderId))/\(name)" }
}
