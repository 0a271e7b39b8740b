import Contracts
import Messaging

/// `chat.heads`: how far rooms have come, for gateways. Not for users: it tells nothing but numbers.
struct ReadHeads: Sendable {
    let store: ChatStore

    func handle(_ request: Chat.Heads, _ context: CallContext) async throws -> Answer<RoomHeads> {
        guard request.orderIDs.count <= 500 else {
            throw ServiceError.validation("orderIds", "length", "must have at most 500 ids")
        }
        return Answer(RoomHeads(rooms: try await store.heads(request.orderIDs)))
    }
}
