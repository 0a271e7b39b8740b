import Messaging
import Postgres
import Primitives

/// Statements on the table `users`. Its folded columns, by which addresses are compared and lists searched, are filled
/// by a trigger.
enum AccountStatements {
    /// The caller's account, if it may be used and the session of the token has not ended.
    static func live(_ caller: Caller) -> SQL {
        """
        select \(sql: AccountRow.columns) from users u join sessions s on s.user_id = u.id
        where u.id = \(caller.userID) and s.id = \(caller.sessionID) and \(sql: SessionStatements.isLive)
            and not u.disabled and u.deleted_at is null
        """
    }

    /// Accounts, locked against change until the end of the transaction, in an order that keeps two such statements
    /// from a deadlock.
    static func lock(_ ids: [Identifier]) -> SQL {
        """
        select \(sql: AccountRow.columns) from users u where u.id = any(\(ids)::uuid[])
        order by u.id for no key update of u
        """
    }

    static func add(_ account: Account, _ password: PasswordHash) -> SQL {
        """
        insert into users (id, name, email, password_hash, role, disabled, version, created_at)
        values (\(account.id), \(account.name), \(account.email), \(password.encoded), \(account.role.rawValue),
            \(account.disabled), \(account.version), \(account.createdAt))
        """
    }

    /// Everything but the password.
    static func update(_ account: Account, _ change: AccountChange, at now: Timestamp) -> SQL {
        var statement: SQL = """
            update users set name = \(account.name), email = \(account.email), role = \(account.role.rawValue),
                disabled = \(account.disabled), version = \(account.version), deleted_at = \(account.deletedAt),
                changed_at = date_trunc('milliseconds', clock_timestamp())
            """
        if change.isOfAccess { statement += ", access_changed_at = \(now)" }
        if account.isDeleted { statement += ", password_hash = null" }
        return statement + " where id = \(account.id)"
    }

    /// Runs `body`, in which a statement stands that sets an address.
    /// - Throws: `email-taken` when another account has it; that holds when two ask for it at the same moment.
    static func refusingTakenEmail<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError where error.isUnique(constraint: "users_email_taken") {
            throw ServiceError(.emailTaken, "An account with this e-mail address exists already.")
        }
    }
}
