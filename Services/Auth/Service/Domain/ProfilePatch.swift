import Contracts
package import Messaging
import Primitives

/// What somebody changes about their own account.
package struct ProfilePatch: Sendable, Equatable {
    package var name: String?
    package var email: String?
    /// What shows that it is the user who asks: needed for another address, by which an account can be taken over.
    package var currentPassword: String?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault; a patch without a field is one.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Auth.UpdateMe.input
        if input.has(fields.name) { name = AccountRules.name(&input) }
        if input.has(fields.email) { email = AccountRules.email(&input) }
        currentPassword = input.optionalSecret(fields.currentPassword)
        input.requireAny(of: fields)
        try input.finish()
    }

    /// The password to compare when the patch gives `account` another address; `nil` when it does not.
    /// - Throws: `validation-failed` when it is missing.
    package func passwordToCompare(for account: Account) throws(ServiceError) -> String? {
        guard let email, ExactText(email) != account.email.map(ExactText.init) else { return nil }
        guard let currentPassword else {
            throw .validation("currentPassword", "required", "is required for another e-mail address")
        }
        return currentPassword
    }

    /// Changes `account` and tells what kind of change it was.
    package func apply(to account: inout Account) -> AccountChange {
        let before = account
        account.name = name ?? account.name
        account.email = email ?? account.email
        return AccountChange(from: before, to: account)
    }
}
