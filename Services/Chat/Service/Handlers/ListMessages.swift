import Contracts
import Messaging

/// `chat.list-messages`: a page of a room's messages by `seq`.
struct ListMessages: Sendable {
    let finder: RoomFinder

    func handle(_ request: Chat.ListMessages, _ context: CallContext) async throws -> Answer<MessagePage> {
        let caller = try context.requireCaller()
        let window = try MessageWindow(request.query)
        _ = try await finder.room(request.orderID, for: caller, context)
        return Answer(try await finder.store.messages(request.orderID, window))
    }
}
