import Crypto
import Primitives

/// A code for whoever has lost their authenticator: 128 random bits, good once. Only its hash is stored.
struct RecoveryCode: Sendable {
    /// How many somebody gets.
    static let count = 10

    /// As it is shown: `ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ`.
    let text: String

    static func make() -> RecoveryCode {
        let letters = Array(Base32.encode([UInt8].random(count: 16)).utf8)
        let groups = stride(from: 0, to: letters.count, by: 4).map { letters[$0..<min($0 + 4, letters.count)] }
        return RecoveryCode(text: groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-"))
    }

    /// What is stored of a code that somebody has typed, in whatever case, with or without hyphens. A fast hash is
    /// enough: nobody can try 128 random bits.
    static func hash(_ typed: String, of user: Identifier) -> [UInt8] {
        Array(SHA256.hash(data: Array(user.description.utf8) + SecondFactorCode.bare(typed)))
    }
}
