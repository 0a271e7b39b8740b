import Contracts
import Crypto
import JWTKit
import Primitives

/// A key that signs access tokens: ECDSA on P-256 with SHA-256 (ES256, RFC 7518 §3.4).
struct SigningKey: Sendable {
    /// The name under which verifiers find the public key.
    let kid: String
    private let privateKey: P256.Signing.PrivateKey
    private let signers: JWTKeyCollection

    /// A new one.
    static func make() async throws -> SigningKey {
        try await SigningKey(kid: Base64URL.encode([UInt8].random(count: 12)), privateKey: P256.Signing.PrivateKey())
    }

    /// The key that was stored as `sealed`.
    /// - Throws: `SigningKeyError` when `seal` cannot open it.
    init(kid: String, sealed: [UInt8], seal: KeySeal) async throws {
        let opened: P256.Signing.PrivateKey
        do {
            opened = try P256.Signing.PrivateKey(rawRepresentation: seal.open(sealed, kid: kid))
        } catch {
            throw SigningKeyError(kid: kid)
        }
        try await self.init(kid: kid, privateKey: opened)
    }

    private init(kid: String, privateKey: P256.Signing.PrivateKey) async throws {
        self.kid = kid
        self.privateKey = privateKey
        signers = JWTKeyCollection()
        await signers.add(ecdsa: try ES256PrivateKey(backing: privateKey), kid: JWKIdentifier(string: kid))
    }

    func sealed(by seal: KeySeal) throws -> [UInt8] { try seal.seal(Array(privateKey.rawRepresentation), kid: kid) }

    /// The public half as in a JSON Web Key Set (RFC 7517).
    var publicJWK: JSON {
        // Two coordinates of 32 bytes each.
        let point = Array(privateKey.publicKey.rawRepresentation)
        return .object([
            JSONMember("kty", .string("EC")), JSONMember("crv", .string("P-256")),
            JSONMember("x", .string(Base64URL.encode(point.prefix(32)))),
            JSONMember("y", .string(Base64URL.encode(point.suffix(32)))), JSONMember("use", .string("sig")),
            JSONMember("alg", .string("ES256")), JSONMember("kid", .string(kid)),
        ])
    }

    /// The signed token in compact form.
    func sign(_ claims: AccessClaims) async throws -> String {
        try await signers.sign(
            claims, kid: JWKIdentifier(string: kid), header: ["typ": .string(AccessTokenClaims.type)])
    }
}

/// The newest signing key cannot be opened. The service must not start: it would sign with a key of its own that no
/// other replica has.
package struct SigningKeyError: Error, Equatable, CustomStringConvertible {
    package var kid: String

    package var description: String {
        "JWT_SECRET does not open the signing key \(kid) in the database: it is another secret than the one "
            + "the key was stored with. Set the former secret, or have a new key made with `auth keys rotate`."
    }
}
