import Contracts
import Messaging

/// `chat.mark-read`: moves the caller's read position forward, never back and never past the last message.
struct MarkRead: Sendable {
    let finder: RoomFinder
    let live: LiveRooms

    func handle(_ request: Chat.MarkRead, _ context: RequestContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let mark = try ReadMark(body: request.body)
        // Also makes a room that is not there yet, and checks access before anything is written.
        _ = try await finder.room(request.orderId, for: caller, context)
        if let seq = try await finder.store.markRead(request.orderId, by: caller, upTo: mark.seq) {
            live.tell(MessagesRead(orderId: request.orderId, userId: caller.userID, seq: seq))
        }
        return .nothing
    }
}
