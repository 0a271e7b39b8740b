import Contracts
import Messaging

/// `chat.list-rooms`: rooms by latest activity; a Regular user sees only their own.
struct ListRooms: Sendable {
    let store: ChatStore

    func handle(_ request: Chat.ListRooms, _ context: CallContext) async throws -> Answer<Page<Room>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let limit = query.limit()
        var filter = RoomFilter()
        filter.isOpen = query.boolean("open")
        filter.hasUnread = query.boolean("unread")
        filter.search = query.search()
        try query.finish()
        filter.ownerID = caller.isAdmin ? nil : caller.userID
        let found = try await store.rooms(
            filter, for: caller.userID, after: try query.cursor(RoomPosition.self), limit: limit + 1)
        return .page(of: found, limit: limit, item: \.room, position: \.position)
    }
}
