import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct StartTests {
    @Test("Every declared operation has a handler")
    func complete() async throws {
        try await AuthFixture.with { auth in
            let empty = ServiceRouter(Auth.declaration, logger: .silent) { _ in nil }
            try AuthService.router(
                empty, store: auth.store, hasher: auth.hasher, tokens: auth.tokens,
                protection: auth.protection, log: .none
            ).requireComplete()
        }
    }

    @Test("Replicas that start at once end up with one key")
    func oneKey() async throws {
        try await AuthFixture.with { auth in
            _ = try await auth.store.database.withConnection { try $0.execute("delete from signing_keys") }
            let rings = (0..<6).map { _ in KeyRing(store: auth.store, secret: AuthFixture.secret) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for ring in rings { group.addTask { try await ring.prepare() } }
                try await group.waitForAll()
            }
            #expect(try await auth.keys.publicKeys().keys.count == 1)
        }
    }

    @Test("A secret that does not open the newest key stops the start")
    func wrongSecret() async throws {
        try await AuthFixture.with { auth in
            await #expect(throws: SigningKeyError.self) {
                try await KeyRing(store: auth.store, secret: AuthFixture.secret + "!").prepare()
            }
        }
    }

    @Test("After a rotation the new key signs, and the former one stays published while its tokens may live")
    func rotation() async throws {
        try await AuthFixture.with { auth in
            let before = try await auth.register()
            auth.clock.advance(bySeconds: 1)
            let kid = try await KeyRing(store: auth.store, secret: AuthFixture.secret).rotate()
            #expect(try await auth.claims(try await auth.logIn(before.user.email)).sub == before.user.id.description)
            try await auth.keys.reload()
            let after = try await auth.logIn(before.user.email)
            let header = try #require(Base64URL.decode(String(after.accessToken.prefix { $0 != "." })))
            #expect(try JSONParser.parse(header).value["kid"] == .string(kid))
            _ = try await auth.claims(before)
            #expect(try await auth.keys.publicKeys().keys.map { $0["kid"] }.first == .string(kid))
            auth.clock.advance(bySeconds: AuthFixture.lifetimes.accessToken + 301)
            #expect(try await auth.keys.publicKeys().keys.map { $0["kid"] } == [.string(kid)])
        }
    }

    @Test("Published keys are made from the sealed ones; one written beside them, or sealed by another secret, is not")
    func forgedKeys() async throws {
        try await AuthFixture.with { auth in
            let before = try await auth.keys.publicKeys()
            let forged = try await SigningKey.make()
            _ = try await auth.store.database.withConnection { session in
                try session.execute("update signing_keys set public_jwk = \(JSONText(forged.publicJWK.encoded))::json")
            }
            let foreign = KeyRing(store: auth.store, secret: AuthFixture.secret + "!")
            auth.clock.advance(bySeconds: 1)
            _ = try await foreign.rotate()
            let after = try await auth.keys.publicKeys()
            #expect(after.keys == before.keys && after.keys.count == 1)
        }
    }

    @Test("The first Admin is made once, and an account that has the address stays untouched")
    func firstAdmin() async throws {
        try await AuthFixture.with { auth in
            let maker = AdminMaker(store: auth.store, hasher: auth.hasher)
            let admin = try NewAdmin(name: "Root", email: "root@example.com", password: "first password")
            let again = try NewAdmin(name: "Other", email: "ROOT@example.com", password: "other password")
            #expect(try await maker.makeFirst(admin)?.role == .admin)
            #expect(try await maker.makeFirst(again) == nil)
            #expect(try await refusal { try await maker.make(again) }.code == .emailTaken)
            let user = try await auth.logIn("root@example.com", "first password").user
            #expect(user.name == "Root" && user.email == "root@example.com")
        }
    }

    @Test("A first Admin who was deleted, or has another address by now, does not come back")
    func firstAdminGone() async throws {
        try await AuthFixture.with { auth in
            let maker = AdminMaker(store: auth.store, hasher: auth.hasher)
            let (other, root) = (try await auth.admin(), "root@example.com")
            let admin = try NewAdmin(name: "Root", email: root, password: "first password")
            let again = try NewAdmin(name: "Root", email: "ROOT@example.com", password: "first password")
            let made = try #require(try await maker.makeFirst(admin))
            try await auth.delete(made.id, by: other)
            #expect(try await maker.makeFirst(admin) == nil)
            #expect(try await maker.makeFirst(again) == nil)
            #expect(try await refusal { try await auth.logIn(root, "first password") }.code == .invalidCredentials)
            // By a command an operator may make one all the same.
            _ = try await maker.make(admin)
        }
    }

    @Test("An account from before that is remembered at the start does not come back either")
    func firstAdminFromBefore() async throws {
        try await AuthFixture.with { auth in
            let maker = AdminMaker(store: auth.store, hasher: auth.hasher)
            let admin = try NewAdmin(name: "Root", email: "root@example.com", password: "first password")
            let (made, other) = (try await maker.make(admin), try await auth.admin())
            #expect(try await maker.makeFirst(admin) == nil)
            try await auth.delete(made.id, by: other)
            #expect(try await maker.makeFirst(admin) == nil)
        }
    }

    @Test("Replicas that start at once make one first Admin")
    func firstAdminRace() async throws {
        try await AuthFixture.with { auth in
            let admin = try NewAdmin(name: "Root", email: "root@example.com", password: "first password")
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await AdminMaker(store: auth.store, hasher: auth.hasher).makeFirst(admin) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == 1)
        }
    }
}
