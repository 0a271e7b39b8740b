import Messaging
import Postgres
import Primitives

/// How an account is read: the columns, and the account made of them.
enum AccountRow {
    static let columns: SQL = "u.id, u.name, u.email, u.role, u.disabled, u.version, u.created_at, u.deleted_at"

    static func account(_ row: Row) throws -> Account {
        let (id, name, email, role, disabled, version, createdAt, deletedAt) = try row.decode(
            Identifier.self, String.self, String?.self, String.self, Bool.self, Int.self, Timestamp.self,
            Timestamp?.self)
        return Account(
            // A role that this version does not know must not give more power than the least.
            id: id, name: name, email: email, role: Role(rawValue: role) ?? .regular, disabled: disabled,
            version: version, createdAt: createdAt, deletedAt: deletedAt)
    }
}
