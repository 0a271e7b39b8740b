import Contracts
import Messaging

/// `chat.join`: the room and messages for a socket that joins. Nothing is stored: who is joined is the gateways'
/// business.
struct JoinRoom: Sendable {
    let finder: RoomFinder

    func handle(_ request: Chat.Join, _ context: CallContext) async throws -> Answer<JoinedRoom> {
        let caller = try context.requireCaller()
        let room = try await finder.room(request.orderID, for: caller, context)
        let limit = request.limit ?? 50
        guard (1...100).contains(limit) else {
            throw ServiceError.validation("limit", "range", "must be from 1 to 100")
        }
        let window = MessageWindow(
            direction: request.after.map { .following(after: $0, before: nil) } ?? .latest(before: nil), limit: limit)
        let page = try await finder.store.messages(request.orderID, window)
        return Answer(JoinedRoom(room: room, messages: page.items, hasMore: page.hasMore))
    }
}
