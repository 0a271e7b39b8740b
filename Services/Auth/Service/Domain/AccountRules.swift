package import Messaging

/// The bounds of an account's fields, the same wherever one is made or changed.
package enum AccountRules {
    private static let nameLength = 2...50
    package static let email = 1...254
    /// Of a password that is being set.
    package static let password = 8...128
    /// Of a password that is only compared: wide, so that a refusal says nothing about what a password may be.
    package static let presentedPassword = 1...1024

    /// A new name that must be there.
    package static func name(_ input: inout InputReader) -> String {
        let text = input.text("name", nameLength)
        if let fault = PersonName.fault(in: text) { input.fault("name", "characters", fault) }
        return text
    }

    /// A new e-mail address that must be there.
    package static func email(_ input: inout InputReader) -> String {
        let text = input.text("email", email)
        if !EmailAddress.isPlausible(text) { input.fault("email", "format", "must be an e-mail address") }
        return text
    }
}
