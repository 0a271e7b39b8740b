import Contracts
import JWTKit
import Messaging
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct TokenTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private let account = Account(id: .make(), name: "Zoë \"O'Neil\"", email: "zoe@example.com", role: .admin)

    @Test("What was sealed opens under the same secret and name")
    func seal() throws {
        let seal = KeySeal(secret: Self.secret)
        let sealed = try seal.seal([1, 2, 3], kid: "one")
        #expect(try seal.open(sealed, kid: "one") == [1, 2, 3])
        #expect(try seal.seal([1, 2, 3], kid: "one") != sealed)
    }

    @Test("What was sealed does not open under another secret, under another name, or when it was changed")
    func refusal() throws {
        let seal = KeySeal(secret: Self.secret)
        let sealed = try seal.seal(Array(repeating: 7, count: 32), kid: "one")
        #expect(throws: (any Error).self) { try KeySeal(secret: Self.secret + "!").open(sealed, kid: "one") }
        #expect(throws: (any Error).self) { try seal.open(sealed, kid: "two") }
        #expect(throws: (any Error).self) { try seal.open([], kid: "one") }
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: (any Error).self) { try seal.open(changed, kid: "one") }
        }
    }

    @Test("A signing key that is stored under one secret is not opened with another")
    func wrongSecret() async throws {
        let key = try await SigningKey.make()
        let sealed = try key.sealed(by: KeySeal(secret: Self.secret))
        await #expect(throws: SigningKeyError(kid: key.kid)) {
            _ = try await SigningKey(kid: key.kid, sealed: sealed, seal: KeySeal(secret: Self.secret + "!"))
        }
        let opened = try await SigningKey(kid: key.kid, sealed: sealed, seal: KeySeal(secret: Self.secret))
        #expect(opened.publicJWK == key.publicJWK)
    }

    @Test("An access token verifies with the published key and says who signed in")
    func claims() async throws {
        let key = try await SigningKey.make()
        let session = Identifier.make()
        let now = Timestamp.now()
        let claims = AccessClaims(account: account, sessionID: session, id: .make(), issuedAt: now, lifetime: 900)
        let token = try await key.sign(claims)
        let keys = try await JWTKeyCollection().add(jwksJSON: KeySet(keys: [key.publicJWK]).json)
        let read = try await keys.verify(token, as: AccessClaims.self).claims
        #expect(read == claims.claims)
        #expect(read.sub == account.id.description && read.sid == session.description && read.role == "Admin")
        #expect(read.name == account.name && read.exp - read.iat == 900 && read.iat == now.seconds)
        #expect(read.iss == "orderline" && read.aud == "orderline")
        let header = try #require(Base64URL.decode(String(token.prefix { $0 != "." })))
        let fields = try JSONParser.parse(header).value
        #expect(fields["alg"] == .string("ES256") && fields["kid"] == .string(key.kid))
        #expect(fields["typ"] == .string("at+jwt"))
    }

    @Test("Issuer and audience are those of the configuration")
    func parties() {
        let claims = AccessClaims(
            account: account, sessionID: .make(), id: .make(), issuedAt: .now(), lifetime: 900,
            parties: TokenParties(issuer: "https://a.example", audience: "b")
        ).claims
        #expect(claims.iss == "https://a.example" && claims.aud == "b")
    }

    @Test("A token is not good under another key")
    func otherKey() async throws {
        let token = try await SigningKey.make().sign(
            AccessClaims(account: account, sessionID: .make(), id: .make(), issuedAt: .now(), lifetime: 900))
        let other = try await SigningKey.make()
        let keys = try await JWTKeyCollection().add(jwksJSON: KeySet(keys: [other.publicJWK]).json)
        await #expect(throws: (any Error).self) { try await keys.verify(token, as: AccessClaims.self) }
    }

    @Test("A public key shows nothing of the private one")
    func publicOnly() async throws {
        let key = try await SigningKey.make()
        guard case .object(let members) = key.publicJWK else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name) == ["kty", "crv", "x", "y", "use", "alg", "kid"])
    }

    @Test("Refresh tokens are long, different, and stored only as a hash")
    func refreshTokens() {
        let tokens = (0..<100).map { _ in RefreshToken.make() }
        #expect(Set(tokens.map(\.text)).count == 100 && tokens.allSatisfy { $0.text.utf8.count == 43 })
        #expect(tokens[0].hash.count == 32 && tokens[0].hash == RefreshToken(text: tokens[0].text).hash)
    }
}

extension KeySet {
    fileprivate var json: String { String(decoding: JSONWriter.encode(self), as: UTF8.self) }
}
