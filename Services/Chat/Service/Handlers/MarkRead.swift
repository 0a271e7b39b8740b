import Contracts
import Messaging

/// `chat.mark-read`: moves the caller's read position forward, never back and never past the last message.
struct MarkRead: Sendable {
    let finder: RoomFinder
    let live: LiveRooms

    func handle(_ request: Chat.MarkRead, _ context: CallContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let mark = try ReadMark(body: request.body)
        // Also makes a room that is not there yet, and checks access before anything is written.
        _ = try await finder.room(request.orderID, for: caller, context)
        if let seq = try await finder.store.markRead(request.orderID, by: caller, upTo: mark.seq) {
            live.tell(MessagesRead(orderID: request.orderID, userID: caller.userID, seq: seq))
        }
        return .nothing
    }
}
