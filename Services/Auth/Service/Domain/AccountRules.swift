import Contracts
package import Messaging

/// What no bound of a field says, the same wherever an account is made or changed.
package enum AccountRules {
    /// A new name that must be there.
    package static func name(_ input: inout InputReader) -> String {
        let field = AccountFields.name
        let text = input.text(field)
        if let fault = PersonName.fault(in: text) { input.fault(field.name, "characters", fault) }
        return text
    }

    /// A new e-mail address that must be there.
    package static func email(_ input: inout InputReader) -> String {
        let field = AccountFields.email
        let text = input.text(field)
        if !EmailAddress.isPlausible(text) { input.fault(field.name, "format", "must be an e-mail address") }
        return text
    }
}
