import Crypto
import Foundation
import Primitives

/// A refresh token: 256 bits that nobody can guess, of which only the SHA-256 is stored.
struct RefreshToken: Sendable {
    /// What the client keeps.
    var text: String

    /// The first one of a session, of random bits.
    static func make() -> RefreshToken { RefreshToken(text: Base64URL.encode([UInt8].random(count: 32))) }

    /// A fast hash is enough: nobody can guess 256 bits.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}

/// Which refresh token takes the place of another: the same one on every replica and each time it is asked for, and none
/// that the holder of the other could work out.
///
/// HMAC-SHA256 under a key derived from `JWT_SECRET` (HKDF-SHA256, RFC 5869).
struct RefreshChain: Sendable {
    private let key: SymmetricKey

    init(secret: String) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)), info: Array("orderline refresh token".utf8),
            outputByteCount: 32)
    }

    func successor(of token: RefreshToken) -> RefreshToken {
        let code = HMAC<SHA256>.authenticationCode(for: Array(token.text.utf8), using: key)
        return RefreshToken(text: Base64URL.encode(Array(code)))
    }
}
