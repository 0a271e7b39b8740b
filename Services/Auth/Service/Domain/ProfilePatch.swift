package import Messaging

/// What somebody changes about their own account.
package struct ProfilePatch: Sendable, Equatable {
    package var name: String?
    package var email: String?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault; a patch without a field is one.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        if input.has("name") { name = AccountRules.name(&input) }
        if input.has("email") { email = AccountRules.email(&input) }
        if !input.hasAny(["name", "email"]) {
            input.fault("body", "required", "must have at least one field to change")
        }
        try input.finish()
    }

    /// Changes `account` and tells what kind of change it was.
    package func apply(to account: inout Account) -> AccountChange {
        let before = account
        account.name = name ?? account.name
        account.email = email ?? account.email
        return AccountChange(from: before, to: account)
    }
}
