import Contracts
import Logging
import Messaging
import Primitives
import SocketServer
import Threads

/// Pages of rooms' messages, asked from chat by the gateway for the room: whether one member or another may still read
/// it is no reason why the others should not get what they missed.
struct RoomPages: Sendable {
    /// Ascending; whether there are more.
    typealias Page = (entries: [RoomFeed<RoomState.Events>.Entry], hasMore: Bool)

    private let bus: MessageBus
    private let logger: Logger
    /// Pages asked for at once: many are missing many when the link comes back, and each takes a while.
    private let slots = WorkSlots(64)

    init(bus: MessageBus, logger: Logger) {
        self.bus = bus
        self.logger = logger
    }

    /// Fetches a page that a feed asked for.
    /// - Parameter member: somebody who is in the room now; asked for anew at each attempt.
    /// - Returns: `nil` when it cannot be had for now.
    func fetch(_ request: PageRequest, member: @Sendable () async -> Caller?) async -> Page? {
        // A reader that catches up sets the pace: the next page is asked for when it has taken most of the one before.
        await request.member?.connection.waitUntilRead()
        await slots.take()
        defer { slots.release() }
        let page = await messages(
            of: request.orderID, after: request.after, requestID: request.member?.requestID, member: member)
        guard let page else { return nil }
        return (page.messages.map { .init(seq: $0.seq, mark: $0.id.low, message: RoomEvents.of($0)) }, page.hasMore)
    }

    private typealias Messages = (messages: [Message], hasMore: Bool)

    private func messages(
        of orderID: Identifier, after: Int, requestID: String?, member: @Sendable () async -> Caller?
    ) async -> Messages? {
        let request = Chat.CatchUp(orderID: orderID, after: after)
        var context = CallContext.background()
        if let requestID { context.requestID = requestID }
        for attempt in 1...3 {
            do {
                let page = try await bus.call(request, context: context)
                return (page.items, page.hasMore)
            } catch {
                if error.code == .serviceUnavailable, let page = await ask(of: request, as: await member(), context) {
                    return page
                }
                logger.warning(
                    "missed messages not fetched",
                    metadata: [
                        "order.id": "\(orderID)", "attempt": "\(attempt)", "error": "\(error.code.rawValue)",
                    ])
                guard (try? await Pause.sleep(for: .milliseconds(200 * attempt))) != nil else { return nil }
            }
        }
        return nil
    }

    /// A chat of the version before knows no such request, which looks as if there were none at all: it is asked in the
    /// name of a member.
    private func ask(of request: Chat.CatchUp, as member: Caller?, _ context: CallContext) async
        -> Messages?
    {
        guard let member else { return nil }
        let list = Chat.ListMessages(
            orderID: request.orderID, query: QueryParameters(["after": String(request.after), "limit": "100"]))
        let page = try? await bus.call(
            list, context: CallContext(caller: member, requestID: context.requestID))
        return page.map { ($0.items, $0.hasMore) }
    }
}
