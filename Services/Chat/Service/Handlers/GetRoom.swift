import Contracts
import Messaging

/// `chat.get-room`: one room, for its owner and for Admins.
struct GetRoom: Sendable {
    let finder: RoomFinder

    func handle(_ request: Chat.GetRoom, _ context: CallContext) async throws -> Answer<Room> {
        Answer(try await finder.room(request.orderID, for: try context.requireCaller(), context))
    }
}
