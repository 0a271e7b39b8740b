import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct KeyRevocationTests {
    @Test("A revoked key is not told of any more, another one signs, and gateways are told")
    func revoke() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let kid = try await auth.signingKey()
            let signing = try #require(try await auth.ring.revoke(kid))
            #expect(signing != kid)
            #expect(try await auth.publicKeys() == [signing])
            let told = try await auth.events().filter { $0.subject == Auth.KeysChanged.subject }
            #expect(try told.map { try Auth.KeysChanged(json: $0.content).revoked } == [[kid]])
            try await auth.keys.reload()
            #expect(try await auth.claims(try await auth.refresh(user.refreshToken)).sub == user.user.id.description)
        }
    }

    @Test("A key that signs no more is revoked without another one being made, and twice does no harm")
    func former() async throws {
        try await AuthFixture.with { auth in
            let kid = try await auth.signingKey()
            auth.clock.advance(bySeconds: 1)
            let signing = try await auth.ring.rotate()
            #expect(try await auth.publicKeys() == [signing, kid])
            for _ in 0..<2 { #expect(try await auth.ring.revoke(kid) == signing) }
            #expect(try await auth.publicKeys() == [signing])
        }
    }

    @Test("The version before, which looks at retirement alone, does not tell of a revoked key either")
    func versionBefore() async throws {
        try await AuthFixture.with { auth in
            let kid = try await auth.signingKey()
            _ = try await auth.ring.revoke(kid)
            let horizon = AuthFixture.lifetimes.keyHorizon(at: auth.clock.now)
            let told: Int = try await auth.count(
                """
                select count(*) from signing_keys
                where kid = \(kid) and (retired_at is null or retired_at > \(horizon))
                """)
            #expect(told == 0)
        }
    }

    @Test("A key that does not exist is not revoked, and nothing is made or told")
    func unknown() async throws {
        try await AuthFixture.with { auth async throws in
            #expect(try await auth.ring.revoke("nonsense") == nil)
            #expect(try await auth.publicKeys() == [try await auth.signingKey()])
            #expect(try await auth.events().isEmpty)
        }
    }
}

extension AuthFixture {
    /// The keys as an operator's command has them.
    fileprivate var ring: KeyRing { KeyRing(store: store, secret: Self.secret) }

    fileprivate func publicKeys() async throws -> [String] {
        try await keys.publicKeys().keys.compactMap { $0["kid"].string }
    }

    fileprivate func signingKey() async throws -> String { try #require(try await store.newestKey()).kid }
}
