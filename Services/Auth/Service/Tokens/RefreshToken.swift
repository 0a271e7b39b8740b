import Crypto
import Primitives

/// A refresh token: 256 random bits, of which only the SHA-256 is stored.
struct RefreshToken: Sendable {
    /// What the client keeps.
    var text: String

    /// A new one.
    static func make() -> RefreshToken { RefreshToken(text: Base64URL.encode([UInt8].random(count: 32))) }

    /// A fast hash is enough: nobody can guess 256 random bits.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}
