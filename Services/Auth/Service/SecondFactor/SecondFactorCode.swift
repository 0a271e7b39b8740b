import Contracts
import Messaging

/// A code as people type it: of an authenticator, or one for recovery.
enum SecondFactorCode {
    /// The field `code`, which may be left out.
    static func optional(_ input: inout InputReader) -> String? {
        input.optionalSecret(AccountFields.code)
    }

    /// The field `code`, which must be there.
    static func required(_ input: inout InputReader) -> String { input.secret(AccountFields.code) }

    /// Without spaces and hyphens, in capital letters.
    static func bare(_ typed: String) -> [UInt8] {
        typed.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }.map { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xDF : byte
        }
    }

    /// The one answer to a code that is no good, whatever is wrong with it.
    static let wrong = ServiceError.validation("code", "value", "is not a code that is good now")
    /// At signing in.
    static let needed = ServiceError(
        .secondFactorRequired, "This account has a second factor: send a code of it as `code`.")
    static let refused = ServiceError(
        .secondFactorRequired, "The code is wrong, too old, or was used already: send another one as `code`.")
}
