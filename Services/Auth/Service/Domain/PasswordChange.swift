import Contracts
package import Messaging

/// What somebody says who changes their password.
package struct PasswordChange: Sendable, Equatable {
    package var current: String
    package var new: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Auth.ChangePassword.input
        current = input.secret(fields.currentPassword)
        new = input.secret(fields.newPassword)
        PasswordRule.check(new, fields.newPassword.name, &input)
        try input.finish()
    }

    /// - Throws: `validation-failed` when the new password is the account's own name or address.
    package func requireForeign(to account: Account) throws(ServiceError) {
        if let fault = PasswordRule.fault(in: new, "newPassword", name: account.name, email: account.email) {
            throw .validation([fault])
        }
    }

    package static let wrongCurrent = ServiceError.validation("currentPassword", "value", "is not the current password")
}
