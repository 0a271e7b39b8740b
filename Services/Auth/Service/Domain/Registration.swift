package import Contracts
package import Messaging
import Primitives

/// What somebody says who makes an account for themself.
package struct Registration: Sendable, Equatable {
    package var name: String
    package var email: String
    package var password: String
    package var delivery: TokenDelivery

    /// - Throws: `malformed-json`; `validation-failed` with every fault; `forbidden` for a role that nobody can give
    ///   themself.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        name = AccountRules.name(&input)
        email = AccountRules.email(&input)
        let fields = Auth.Register.input
        password = input.secret(fields.password)
        PasswordRule.check(password, fields.password.name, name: name, email: email, &input)
        delivery = TokenDelivery.read(&input)
        let role = input.value(fields.role)
        try input.finish()
        guard role == nil || role == .string(Role.regular.rawValue) else {
            throw ServiceError(.forbidden, "Only a Regular account can be registered.")
        }
    }
}
