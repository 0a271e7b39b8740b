import Contracts
import Postgres

/// `auth.event.user-changed`: the names under which users' orders are shown.
enum ApplyUsersChanged {
    static func apply(_ events: [Auth.UserChanged], _ session: Session) throws {
        try session.pipeline(events.map { People.update($0.userId, name: $0.name, version: $0.version) })
    }
}
