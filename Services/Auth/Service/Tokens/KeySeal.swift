import Crypto
import Foundation

/// Protects the private signing keys, and secrets of second factors, at rest: AES-256-GCM under a key derived from
/// `JWT_SECRET` (HKDF-SHA256, RFC 5869), another one for each purpose.
///
/// Whoever has only the database can make no token and no code.
struct KeySeal: Sendable {
    /// The least length of the secret, in bytes.
    static let leastSecretLength = 32

    private let key: SymmetricKey

    init(secret: String, purpose: String = "orderline signing key") {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)), info: Array(purpose.utf8), outputByteCount: 32)
    }

    /// Nonce, ciphertext and tag. `kid` is bound to it: one key cannot be passed off as another.
    func seal(_ plain: [UInt8], kid: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: key, authenticating: Array(kid.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// - Throws: when it was sealed under another secret or another `kid`, or was changed.
    func open(_ sealed: [UInt8], kid: String) throws -> [UInt8] {
        Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Array(kid.utf8)))
    }
}
