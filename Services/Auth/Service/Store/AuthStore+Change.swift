import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

extension AuthStore {
    /// Reads an account, lets `decide` change it, and stores the result with its events, and the end of its sessions if
    /// it is locked out, all in one transaction.
    ///
    /// - Parameters:
    ///   - caller: who asks; checked as they are now, with the account locked: of two Admins who demote each other one
    ///     is too late.
    ///   - asAdmin: only an Admin may.
    ///   - passwordVersion: that of the password which the caller has just given, if one was asked for.
    ///   - decide: throws to refuse.
    /// - Throws: `not-found`, `email-taken`, `unauthenticated` and `forbidden` when the caller is not any more what the
    ///   token says.
    func change(
        _ id: Identifier, by caller: Caller, asAdmin: Bool, passwordVersion: Int? = nil, context: CallContext,
        _ decide: @escaping @Sendable (inout Account) throws -> AccountChange
    ) async throws -> ChangedAccount {
        let now = now()
        return try await database.withTransaction(telling: outbox) { session, events in
            // Locks first: what is read about the caller afterwards cannot change any more.
            let found = try session.pipeline([
                AccountStatements.lock([id, caller.userID]), AccountStatements.live(caller),
            ])
            if asAdmin { try Self.requireAdmin(found[1].first) } else { try Self.live(found[1].first) }
            guard var account = try found[0].map(AccountRow.account).first(where: { $0.id == id }) else {
                throw ServiceError.notFound("user")
            }
            if let passwordVersion {
                // Whoever has changed the password meanwhile has shut out whoever gave the former one.
                let current = try session.first("select password_version from users where id = \(id)")
                guard try current?[0, as: Int.self] == passwordVersion else { throw PasswordChange.wrongCurrent }
            }
            let before = account
            let change = try decide(&account)
            guard change.isAny else { return ChangedAccount(before: before, after: before) }
            account.version += 1
            try Self.store(account, change, at: now, context: context, session, events)
            return ChangedAccount(before: before, after: account)
        }
    }

    private static func store(
        _ account: Account, _ change: AccountChange, at now: Timestamp, context: CallContext,
        _ session: DatabaseSession,
        _ events: OutboxEvents
    ) throws {
        var account = account
        var statements = [AccountStatements.update(account, change, at: now)]
        if account.isDeleted {
            statements += [
                erasing(account.id), "delete from known_places where user_id = \(account.id)",
                SecondFactorStatements.remove(of: account.id),
            ]
        }
        if change.locksOut {
            // The rows of some are for the version before, which reads nothing else; that nobody may come in any more it
            // is told by the account.
            statements.append(SessionStatements.endNewest(of: account.id, except: nil, reason: .disabled, at: now))
            statements.append(SessionStatements.endAll(of: account.id, isChange: false, at: now))
        }
        let results = try AccountStatements.refusingTakenEmail { try session.pipeline(statements) }
        if change.locksOut, let row = results.last?.first { account = try AccountRow.account(row) }
        if change.isPublic { try events.add(account.changed(at: now), key: account.id, context: context) }
    }

    /// What the account's sessions tell of its holder's devices and whereabouts.
    private static func erasing(_ id: Identifier) -> SQL {
        """
        update sessions set device = null, address = null
        where user_id = \(id) and (device is not null or address is not null)
        """
    }
}
