import Contracts
import Messaging
import Postgres
import Testing

@testable import AuthService

/// What stands in the database and this version does not know is an error that says where, never another value.
struct StoredValueTests {
    @Test(
        "A role that is not known is an error that names table and column, and no Regular user",
        arguments: ["Owner", "admin", "Regular ", ""])
    func role(stored: String) async throws {
        try await AuthFixture.with { auth async throws in
            let ann = try await auth.register(email: "ann@example.com")
            let context = try await auth.context(ann)
            try await auth.store("role", stored, dropping: "users_role_check")
            try await Self.requireFault("users.role") { _ = try await auth.logIn("ann@example.com") }
            try await Self.requireFault("users.role") {
                _ = try await GetMe(store: auth.store).handle(Auth.GetMe(), context)
            }
            try await Self.requireFault("users.role") {
                let caller = try context.requireCaller()
                _ = try await auth.store.password(of: caller)
            }
        }
    }

    @Test(
        "A password's hash that cannot be read is an error that names table and column, and no wrong password",
        arguments: [
            "", "$2b$10$abcdefghijklmnopqrstuv", "$argon2id$v=18$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA",
        ])
    func hash(stored: String) async throws {
        try await AuthFixture.with { auth async throws in
            let ann = try await auth.register(email: "ann@example.com")
            let caller = try await auth.caller(ann)
            try await auth.store("password_hash", stored, dropping: nil)
            try await Self.requireFault("users.password_hash") { _ = try await auth.logIn("ann@example.com") }
            try await Self.requireFault("users.password_hash") { _ = try await auth.store.password(of: caller) }
        }
    }

    @Test("A name from before the rules for names is shown as it is, and need not be changed with the address")
    func name() async throws {
        try await AuthFixture.with { auth async throws in
            let ann = try await auth.register(email: "ann@example.com")
            for name in ["A\u{202E}nn\u{1}", "\u{3164}\u{200B}"] {
                try await auth.store("name", name, dropping: nil)
                let session = try await auth.logIn("ann@example.com")
                #expect(session.user.name.unicodeScalars.elementsEqual(name.unicodeScalars))
                #expect(try await auth.claims(session).name.unicodeScalars.elementsEqual(name.unicodeScalars))
                #expect(try await auth.me(ann).name.unicodeScalars.elementsEqual(name.unicodeScalars))
            }
        }
    }

    private static func requireFault(_ place: String, _ body: () async throws -> Void) async throws {
        let error = await #expect(throws: DatabaseError.self) { try await body() }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains("column \(place) ") == true, "\(String(describing: error))")
    }
}

extension AuthFixture {
    /// Puts a value into a column of all accounts, as another version of the program would, whose checks are others.
    fileprivate func store(_ column: String, _ value: String, dropping check: String?) async throws {
        try await store.database.withConnection { session in
            if let check { try session.execute("alter table users drop constraint \(unsafe: check)") }
            try session.execute("update users set \(unsafe: column) = \(value)")
        }
    }
}
