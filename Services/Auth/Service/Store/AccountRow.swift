import Contracts
import Messaging
import Postgres
import Primitives

extension Role: RowValue {}
// A hash that cannot be read is a fault, not an account without a password.
extension PasswordHash: RowValue {}

/// How an account is read: the columns, and the account made of them.
enum AccountRow {
    static let columns: SQL = """
        u.id, u.name, u.email, u.role as "users.role", u.disabled, u.version, u.created_at, u.deleted_at,
        u.sessions_ended_through, u.sessions_ended_except
        """

    static func account(_ row: Row) throws -> Account {
        let (id, name, email, role, disabled, version, createdAt, deletedAt, through, except) = try row.decode(
            Identifier.self, String.self, String?.self, Role.self, Bool.self, Int.self, Timestamp.self,
            Timestamp?.self, Identifier?.self, Identifier?.self)
        return Account(
            id: id, name: name, email: email, role: role, disabled: disabled, version: version, createdAt: createdAt,
            deletedAt: deletedAt, endedSessions: through.map { EndedSessions(through: $0, except: except) })
    }
}
