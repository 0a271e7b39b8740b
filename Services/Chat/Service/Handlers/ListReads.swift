import Contracts
import Messaging

/// `chat.list-reads`: how far people have read a room.
struct ListReads: Sendable {
    let finder: RoomFinder

    func handle(_ request: Chat.ListReads, _ context: CallContext) async throws -> Answer<Page<MessagesRead>> {
        // Also checks access.
        _ = try await finder.room(request.orderID, for: try context.requireCaller(), context)
        return Answer(
            Page(
                items: try await finder.store.reads(request.orderID, limit: Chat.ListReads.limit), nextCursor: nil))
    }
}
