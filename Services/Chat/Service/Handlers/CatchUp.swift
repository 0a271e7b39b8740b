import Contracts
import Messaging

/// `chat.catch-up`: a room's messages from one on, for gateways, which know who is in the room. Not for users: there is
/// no caller to check, and no gateway passes on a client's request as this one.
struct CatchUp: Sendable {
    let store: ChatStore

    func handle(_ request: Chat.CatchUp, _ context: CallContext) async throws -> Answer<MessagePage> {
        let window = MessageWindow(direction: .following(after: request.after, before: nil), limit: 100)
        return Answer(try await store.messages(request.orderID, window))
    }
}
