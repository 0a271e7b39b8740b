import Contracts
import Messaging
import Primitives

/// `chat.close`: closes a room with a summary, its last message; for Admins. The order moves on by the event written in
/// the same transaction.
struct CloseRoom: Sendable {
    let finder: RoomFinder
    let live: LiveRooms

    func handle(_ request: Chat.Close, _ context: CallContext) async throws -> Answer<Room> {
        let admin = try context.requireAdmin()
        let summary = try ClosingSummary(body: request.body).summary
        let closing = NewClosing(
            id: .make(), orderID: request.orderID, admin: admin, summary: summary,
            idempotencyKey: request.idempotencyKey, context: context)
        var result = try await finder.store.close(closing)
        if case .noRoom = result {
            try await finder.make(request.orderID, context)
            result = try await finder.store.close(closing)
        }
        switch result {
        case .closed(let answer, let message):
            live.tell(message, encoded: JSONWriter.encode(message))
            return Answer(encoded: answer)
        case .replayed(let answer): return Answer(encoded: answer, metadata: AnswerMetadata(isReplayed: true))
        case .noRoom: throw ServiceError.notFound("room")
        }
    }
}
