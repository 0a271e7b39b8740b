import Contracts
import Messaging
import ServiceKit

/// `auth.event.user-changed`: the names under which users' messages are shown.
enum ApplyUsersChanged {
    static func apply(_ events: [Auth.UserChanged], _ rooms: RoomTransaction) throws { try rooms.takeNames(events) }

    /// Takes the latest changes from auth itself, for those whose events were lost.
    static func reconciler(store: ChatStore, bus: MessageBus) -> ChangesReconciler<Auth.UserChanged> {
        ChangesReconciler(
            place: { ChangePlace(at: $0.at, id: $0.userID) },
            fetch: { place in
                let list = try await bus.call(Auth.ChangedUsers(after: place), context: .background())
                return (list.users, list.hasMore)
            },
            apply: { changes in try await store.inTransaction { rooms in try apply(changes, rooms) } })
    }
}
