import Contracts
import Logging
import Messaging
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// What becomes of accounts from before addresses were folded.
@Suite(.bounded)
struct FoldingMigrationTests {
    /// As the version before stored an account: in lower case by `lowercased()`.
    private struct OldAccount {
        let id: Identifier
        let email: String

        /// - Parameter age: in milliseconds; without one it is younger than those with one.
        init(_ email: String, age: Int = 0) {
            var generator = SystemRandomNumberGenerator()
            id = Identifier(at: Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(age)), using: &generator)
            self.email = email
        }

        func insert() -> SQL {
            """
            insert into users (id, name, email, email_folded, password_hash, role, disabled, version, created_at, search)
            values (\(id), 'ΣΑΣ', \(email), \(email.lowercased()),
                \(PasswordHash.unmatchable(parameters: AuthFixture.cost).encoded), 'Regular', false, 1, now(), \("σας\n" + email))
            """
        }
    }

    /// A schema of the version before with these accounts, the oldest first, then brought up to date.
    private func migrated(_ emails: [String], _ body: (AuthStore, [Identifier]) async throws -> Void) async throws {
        let migrations = try AuthService.migrations
        try await TestDatabase.with(schema: "auth", migrations: Array(migrations.prefix { $0.name != "folding" })) {
            database in
            let accounts = emails.enumerated().map { OldAccount($1, age: 60_000 - $0 * 1000) }
            try await database.withConnection { session in
                for account in accounts { try session.execute(account.insert()) }
            }
            try await Migrator(schema: "auth", migrations: migrations, logger: .silent).migrate(database)
            let store = AuthStore(
                database: database, outbox: Outbox(schema: "auth"),
                lifetimes: Lifetimes(accessToken: 900, refreshToken: 86_400))
            try await body(store, accounts.map(\.id))
        }
    }

    @Test("Addresses that lower case kept apart from others are found after the migration, and so are names")
    func found() async throws {
        try await migrated(["σας@a.gr", "Ann@example.com", "CAFE\u{301}@b"]) { store, ids async throws in
            #expect(try await store.password(email: "ΣΑΣ@A.GR")?.account.id == ids[0])
            #expect(try await store.password(email: "σασ@a.gr")?.account.id == ids[0])
            #expect(try await store.password(email: "ann@EXAMPLE.com")?.account.id == ids[1])
            #expect(try await store.password(email: "café@b")?.account.id == ids[2])
            #expect(try await !store.isFirstAdminMissing(email: "ΣΑΣ@a.gr"))
            let searched = try await store.database.withConnection { session in
                try session.execute("select id from users where search like \(sql: Folding.pattern(finding: "σασ"))")
                    .count
            }
            #expect(searched == 3)
        }
    }

    @Test(
        "Of accounts whose addresses become the same the oldest has the address, and each is found by its own as written"
    )
    func collision() async throws {
        // The younger one has the very form that the older one gets; then the other way round.
        try await migrated(["σας@a.gr", "σασ@a.gr", "other@a.gr"]) { store, ids async throws in
            #expect(try await store.password(email: "ΣΑΣ@a.gr")?.account.id == ids[0])
            #expect(try await store.password(email: "σας@a.gr")?.account.id == ids[0])
            #expect(try await store.password(email: "σασ@a.gr")?.account.id == ids[1])
            #expect(try await store.password(email: "σαΣ@a.gr")?.account.id == ids[0])
            #expect(try await store.password(email: "OTHER@a.gr")?.account.id == ids[2])
            #expect(try await !store.isFirstAdminMissing(email: "σασ@a.gr"))
        }
        try await migrated(["σασ@a.gr", "σας@a.gr"]) { store, ids async throws in
            #expect(try await store.password(email: "σασ@a.gr")?.account.id == ids[0])
            #expect(try await store.password(email: "σας@a.gr")?.account.id == ids[1])
            #expect(try await store.password(email: "ΣΑΣ@a.gr")?.account.id == ids[0])
        }
    }

    @Test(
        "A replica of the version before cannot store an address that is taken, nor spoil one by a change of the name")
    func oldReplica() async throws {
        try await migrated(["σας@a.gr"]) { store, ids async throws in
            let second = OldAccount("ΣΑΣ@a.gr")
            await #expect(throws: DatabaseError.self) {
                try await store.database.withConnection { session in _ = try session.execute(second.insert()) }
            }
            try await store.database.withConnection { session in
                _ = try session.execute(
                    """
                    update users set name = 'Ann', email = email, email_folded = 'σας@a.gr', search = 'ann'
                    where id = \(ids[0])
                    """)
            }
            #expect(try await store.password(email: "ΣΑΣ@A.GR")?.account.id == ids[0])
        }
    }
}
