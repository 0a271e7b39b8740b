import Contracts
import Messaging
import Primitives

/// Finds rooms, and makes one on first use when the event that would have made it is late.
struct RoomFinder: Sendable {
    let store: ChatStore
    let bus: MessageBus

    /// A room as the caller sees it, who must be its owner or an Admin.
    /// - Throws: `not-found` when there is no such order, `forbidden`.
    func room(_ orderID: Identifier, for caller: Caller, _ context: CallContext) async throws -> Room {
        if let room = try await store.room(orderID, for: caller.userID) {
            try RoomAccess.requireMember(caller, ownerID: room.owner.id)
            return room
        }
        try await make(orderID, context)
        guard let room = try await store.room(orderID, for: caller.userID) else { throw ServiceError.notFound("room") }
        try RoomAccess.requireMember(caller, ownerID: room.owner.id)
        return room
    }

    /// Asks the orders service for the order and makes its room. Making it twice changes nothing.
    /// - Throws: `not-found` when there is no such order.
    func make(_ orderID: Identifier, _ context: CallContext) async throws {
        let request = CallContext(requestID: context.requestID, traceparent: context.traceparent)
        let order = try await bus.call(Orders.Lookup(orderID: orderID), context: request)
        _ = try await store.makeRooms(of: [order])
    }
}
