import Crypto
import Foundation
import Primitives

/// Codes that an authenticator makes of a secret and the time (RFC 6238, on RFC 4226): HMAC-SHA-1, six digits, steps of
/// thirty seconds, which is what every authenticator can.
enum TOTP {
    /// Of a secret, in bytes: as long as the hash (RFC 4226 §4, R6).
    static let secretLength = 20
    private static let period: Int64 = 30
    private static let digits = 6

    /// The step at a time.
    static func step(at time: Timestamp) -> Int64 { time.seconds / period }

    /// The code of a step (RFC 4226 §5.3).
    static func code(secret: [UInt8], step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
        let hash = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(hash[19] & 0x0F)
        let number = hash[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// The step whose code this is: the present one, or its neighbour, because clocks differ and people type slowly.
    /// - Parameter last: the step of the last code that was taken; neither it nor one before is good again.
    static func step(of code: String, secret: [UInt8], at now: Timestamp, after last: Int64) -> Int64? {
        let (given, present) = (Array(code.utf8), step(at: now))
        // All of them are made, so that the time does not tell which one it was.
        return (present - 1...present + 1).filter { step in
            Array(Self.code(secret: secret, step: step).utf8).matches(given) && step > last
        }.first
    }

    /// What an authenticator reads from a QR code (the Key URI Format of Google Authenticator).
    static func uri(secret: [UInt8], account: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        let label = account.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
        return "otpauth://totp/Orderline:\(label)?secret=\(Base32.encode(secret))&issuer=Orderline"
            + "&algorithm=SHA1&digits=\(digits)&period=\(period)"
    }
}
