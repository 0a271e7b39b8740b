import Crypto
import Foundation

/// By what the security log knows an address that has no account: the same for the same address, and of no use to
/// whoever has only the log.
///
/// HMAC-SHA256 under a key derived from `JWT_SECRET` (HKDF, RFC 5869), its first 64 bits.
struct EmailPseudonym: Sendable {
    private let key: SymmetricKey

    init(secret: String) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)), info: Array("orderline security log".utf8),
            outputByteCount: 32)
    }

    /// - Parameter email: as it was written; the case of ASCII letters does not count.
    func of(_ email: String) -> String {
        let folded = email.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let code = HMAC<SHA256>.authenticationCode(for: folded, using: key)
        return code.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 0x0F, radix: 16) }.joined()
    }
}
