import Foundation
import Messaging
import Primitives

/// Which passwords are the first that anybody would try: those of many people, and what stands beside them in the
/// account (NIST SP 800-63B §5.1.1.2).
///
/// What is compared here decides about no access and is told to nobody, so it is folded by the program and not, as
/// everything else, by the database: a password does not travel further than it must.
enum PasswordRule {
    /// Adds the fault of `field` when `password` is a common one, or one of its owner's own words.
    static func check(
        _ password: String, _ field: String, name: String? = nil, email: String? = nil, _ input: inout InputReader
    ) {
        if let fault = fault(in: password, field, name: name, email: email) {
            input.fault(fault.field, fault.code, fault.message)
        }
    }

    /// - Returns: the fault `too-common`; `nil` when there is none.
    static func fault(in password: String, _ field: String, name: String?, email: String?) -> FieldFault? {
        if CommonPasswords.contain(password) {
            return FieldFault(field, "too-common", "is one of the passwords that are tried first")
        }
        if isOwn(password, name: name, email: email) {
            return FieldFault(field, "too-common", "must not be your name or your e-mail address")
        }
        return nil
    }

    /// Whether it is the name, the address, or the part of the address before the `@`, in whatever case, with or
    /// without digits and signs around it and between its words.
    private static func isOwn(_ password: String, name: String?, email: String?) -> Bool {
        let local = email.map { email in String(email.unicodeScalars.prefix { $0 != "@" }) }
        let own = [name, email, local].compactMap(\.self).map(essence).filter { !$0.isEmpty }
        let presented = essence(password)
        return own.contains { $0.elementsEqual(presented) }
    }

    /// Its letters, folded; all that is in it where there are none.
    private static func essence(_ text: String) -> [Unicode.Scalar] {
        let folded = folded(text)
        let letters = folded.filter(\.properties.isAlphabetic)
        return letters.isEmpty ? folded : letters
    }

    /// In lower case, composed.
    static func folded(_ text: String) -> [Unicode.Scalar] {
        let lower = text.unicodeScalars.map(\.properties.lowercaseMapping).joined()
        return Array(lower.precomposedStringWithCanonicalMapping.unicodeScalars)
    }
}
