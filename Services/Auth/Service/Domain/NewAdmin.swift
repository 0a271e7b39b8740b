import Contracts
package import Messaging
package import Primitives

/// An Admin account that an operator asks for, by configuration or by command.
package struct NewAdmin: Sendable, Equatable {
    package var name: String
    package var email: String
    package var password: String

    /// The same rules as for anybody who registers, but that the password may be a common one.
    /// - Throws: `validation-failed` with every fault.
    package init(name: String, email: String, password: String) throws(ServiceError) {
        var input = try InputReader(
            .object([
                JSONMember("name", .string(name)), JSONMember("email", .string(email)),
                JSONMember("password", .string(password)),
            ]), defects: [])
        self.name = AccountRules.name(&input)
        self.email = AccountRules.email(&input)
        self.password = input.secret(AccountFields.password)
        try input.finish()
    }

    /// Why the password is among the first that anybody would try; `nil` when it is not.
    package var passwordFault: FieldFault? { PasswordRule.fault(in: password, "password", name: name, email: email) }

    package func account(id: Identifier) -> Account { Account(id: id, name: name, email: email, role: .admin) }
}
