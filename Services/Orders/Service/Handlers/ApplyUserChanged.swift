import Contracts
import Postgres

/// `auth.event.user-changed`: the name under which a user's orders are shown.
enum ApplyUserChanged {
    static func apply(_ event: Auth.UserChanged, _ session: Session) throws {
        try session.execute(People.update(event.userId, name: event.name, version: event.version))
    }
}
