package import Messaging

/// What somebody says who changes their password.
package struct PasswordChange: Sendable, Equatable {
    package var current: String
    package var new: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        current = input.secret("currentPassword", AccountRules.presentedPassword)
        new = input.secret("newPassword", AccountRules.password)
        try input.finish()
    }

    package static let wrongCurrent = ServiceError.validation("currentPassword", "value", "is not the current password")
}
