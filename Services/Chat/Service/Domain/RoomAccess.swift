package import Messaging
package import Primitives

/// Who may do what in a room.
package enum RoomAccess {
    /// The order's owner and every Admin see it and may write in it.
    package static func requireMember(_ caller: Caller, ownerID: Identifier) throws(ServiceError) {
        guard caller.isAdmin || caller.userID == ownerID else { throw .forbidden }
    }

    package static let closed = ServiceError(.roomClosed, "The room is closed.")
}
