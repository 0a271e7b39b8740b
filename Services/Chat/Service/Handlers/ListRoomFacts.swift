import Contracts
import Messaging
import Primitives

/// `chat.facts`: which rooms are closed, for the service that keeps the orders. Not for users, so there is no caller to
/// check.
struct ListRoomFacts: Sendable {
    let store: ChatStore

    func handle(_ request: Chat.Facts, _ context: CallContext) async throws -> Answer<RoomFacts> {
        guard request.orderIDs.count <= 500 else {
            throw ServiceError.validation("orderIds", "length", "must have at most 500 ids")
        }
        return Answer(RoomFacts(closed: try await store.closings(among: request.orderIDs)))
    }
}
