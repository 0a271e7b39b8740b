import Contracts
import Logging
import Messaging
import Primitives

/// Pages of rooms' messages, asked from chat by the gateway for the room: whether one member or another may still read
/// it is no reason why the others should not get what they missed.
struct RoomPages: Sendable {
    /// Ascending; whether there are more.
    typealias Page = (messages: [Message], hasMore: Bool)

    let bus: MessageBus
    let logger: Logger

    /// The messages of a room after `after`.
    /// - Parameter member: somebody who is in the room now; asked for anew at each attempt.
    /// - Returns: `nil` when they cannot be had for now.
    func page(
        of orderID: Identifier, after: Int, requestID: String?, member: @Sendable () async -> Caller?
    ) async -> Page? {
        let request = Chat.CatchUp(orderId: orderID, after: after)
        var context = RequestContext.background()
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
                guard (try? await Task.sleep(for: .milliseconds(200 * attempt))) != nil else { return nil }
            }
        }
        return nil
    }

    /// A chat of the version before knows no such request, which looks as if there were none at all: it is asked in the
    /// name of a member.
    private func ask(of request: Chat.CatchUp, as member: Caller?, _ context: RequestContext) async -> Page? {
        guard let member else { return nil }
        let list = Chat.ListMessages(
            orderId: request.orderId, query: QueryParameters(["after": String(request.after), "limit": "100"]))
        let page = try? await bus.call(
            list, context: RequestContext(caller: member, requestID: context.requestID))
        return page.map { ($0.items, $0.hasMore) }
    }
}
