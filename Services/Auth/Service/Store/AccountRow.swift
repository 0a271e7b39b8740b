import Messaging
import Postgres
import Primitives

extension Role: RowValue {}
// A hash that cannot be read is a fault, not an account without a password.
extension PasswordHash: RowValue {}

/// How an account is read: the columns, and the account made of them.
enum AccountRow {
    static let columns: SQL = """
        u.id, u.name, u.email, u.role as "users.role", u.disabled, u.version, u.created_at, u.deleted_at
        """

    static func account(_ row: Row) throws -> Account {
        let (id, name, email, role, disabled, version, createdAt, deletedAt) = try row.decode(
            Identifier.self, String.self, String?.self, Role.self, Bool.self, Int.self, Timestamp.self,
            Timestamp?.self)
        return Account(
            id: id, name: name, email: email, role: role, disabled: disabled, version: version, createdAt: createdAt,
            deletedAt: deletedAt)
    }
}
