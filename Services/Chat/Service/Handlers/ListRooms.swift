import Contracts
import Messaging

/// `chat.list-rooms`: rooms by latest activity; a Regular user sees only their own.
struct ListRooms: Sendable {
    let store: ChatStore

    func handle(_ request: Chat.ListRooms, _ context: CallContext) async throws -> Answer<Page<Room>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let fields = Chat.ListRooms.parameters
        let limit = query.limit(fields.limit)
        var filter = RoomFilter()
        filter.isOpen = query.boolean(fields.isOpen)
        filter.hasUnread = query.boolean(fields.hasUnread)
        filter.search = query.search(fields.search)
        try query.finish()
        filter.ownerID = caller.isAdmin ? nil : caller.userID
        let found = try await store.rooms(
            filter, for: caller.userID, after: try query.cursor(fields.cursor, as: RoomPosition.self), limit: limit + 1)
        return .page(of: found, limit: limit, item: \.room, position: \.position)
    }
}
