import Contracts
import Crypto
import Foundation
import Primitives

/// The public keys by which access tokens are verified, each for the tokens that name it and for no other.
///
/// Keys come and go one by one: a new one signs beside the former, which stays as long as its tokens live. A set that has
/// none of the keys known, or another key under a known name, is no rotation: it is a forged answer, a database that is
/// not ours, or an operator who has replaced everything at once and then restarts the gateways.
struct VerificationKeys: Sendable {
    private let keys: [String: P256.Signing.PublicKey]

    /// Whose keys nobody has.
    static let none = VerificationKeys(keys: [:])

    private init(keys: [String: P256.Signing.PublicKey]) { self.keys = keys }

    /// - Parameter set: what is no key of ours (P-256, for signatures by ES256) is passed over, and so is a second one of
    ///   a name.
    init(_ set: KeySet) {
        var keys: [String: P256.Signing.PublicKey] = [:]
        for jwk in set.keys {
            guard let id = jwk["kid"].string, keys[id] == nil, let key = Self.key(jwk) else { continue }
            keys[id] = key
        }
        self.keys = keys
    }

    private static func key(_ jwk: JSON) -> P256.Signing.PublicKey? {
        guard jwk["kty"].string == "EC", jwk["crv"].string == "P-256", [nil, "ES256"].contains(jwk["alg"].string),
            [nil, "sig"].contains(jwk["use"].string), let x = jwk["x"].string.flatMap(Base64URL.decode),
            let y = jwk["y"].string.flatMap(Base64URL.decode), x.count == 32, y.count == 32
        else { return nil }
        // Refuses what is no point of the curve (RFC 8725 §3.4).
        return try? P256.Signing.PublicKey(rawRepresentation: x + y)
    }

    /// Their names.
    var ids: Set<String> { Set(keys.keys) }

    /// Whether `next` may take the place of these. Who knows none takes any.
    func mayBecome(_ next: VerificationKeys) -> Bool {
        if keys.isEmpty { return true }
        let shared = keys.filter { next.keys[$0.key] != nil }
        return !shared.isEmpty
            && shared.allSatisfy { next.keys[$0.key]?.rawRepresentation == $0.value.rawRepresentation }
    }

    func without(_ revoked: Set<String>) -> VerificationKeys {
        VerificationKeys(keys: keys.filter { !revoked.contains($0.key) })
    }

    /// Whether the key that the token names has signed it.
    func verify(_ token: SignedToken) -> Bool {
        guard let key = keys[token.keyID],
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: token.signature)
        else { return false }
        return key.isValidSignature(signature, for: Array(token.signed))
    }
}
