import Messaging
package import Persistence
package import Postgres
package import Primitives

/// The schema `auth`. Transaction boundaries are here, rules are in Domain.
package struct AuthStore: Sendable {
    let database: Database
    let outbox: Outbox
    let lifetimes: Lifetimes
    let now: @Sendable () -> Timestamp

    package init(
        database: Database, outbox: Outbox, lifetimes: Lifetimes, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.database = database
        self.outbox = outbox
        self.lifetimes = lifetimes
        self.now = now
    }

    /// The caller's account as it is now.
    /// - Throws: `unauthenticated` when the account or the session is over, whatever the token still says.
    func account(of caller: Caller) async throws -> Account {
        try await database.withConnection(idempotent: true) { session in
            try Self.live(session.first(AccountStatements.live(caller)))
        }
    }

    /// An account, for an Admin.
    /// - Throws: `not-found`; `unauthenticated` and `forbidden` when the caller is no Admin any more.
    func account(_ id: Identifier, for admin: Caller) async throws -> Account {
        let account = try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                AccountStatements.live(admin), "select \(sql: AccountRow.columns) from users u where u.id = \(id)",
            ])
            try Self.requireAdmin(found[0].first)
            return try found[1].first.map(AccountRow.account)
        }
        guard let account else { throw ServiceError.notFound("user") }
        return account
    }

    /// - Parameter row: what `AccountStatements.live` found.
    @discardableResult
    static func live(_ row: Row?) throws -> Account {
        guard let row else { throw ServiceError.unauthenticated }
        return try AccountRow.account(row)
    }

    /// - Parameter row: what `AccountStatements.live` found.
    static func requireAdmin(_ row: Row?) throws {
        guard try live(row).role == .admin else { throw ServiceError.forbidden }
    }
}
