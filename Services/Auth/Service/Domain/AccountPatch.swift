import Contracts
package import Messaging
package import Primitives

/// What an Admin changes about an account.
package struct AccountPatch: Sendable, Equatable {
    package var role: Role?
    package var disabled: Bool?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault; a patch without a field is one.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Auth.UpdateUser.input
        if input.has(fields.role) { role = input.choice(fields.role) }
        if input.has(fields.disabled) { disabled = input.boolean(fields.disabled) }
        input.requireAny(of: fields)
        try input.finish()
    }

    /// Changes `account` and tells what kind of change it was.
    /// - Throws: `not-found` for a deleted account; `forbidden-self-change` for an Admin who would lose the power to
    ///   undo it.
    package func apply(to account: inout Account, by admin: Identifier) throws(ServiceError) -> AccountChange {
        guard !account.isDeleted else { throw .notFound("user") }
        let before = account
        account.role = role ?? account.role
        account.disabled = disabled ?? account.disabled
        let change = AccountChange(from: before, to: account)
        if change.isOfAccess { try Self.requireOther(account.id, than: admin) }
        return change
    }

    /// - Throws: `forbidden-self-change` when `account` is the Admin's own. As the one who acts always stays, there is
    ///   always an Admin.
    package static func requireOther(_ account: Identifier, than admin: Identifier) throws(ServiceError) {
        guard account == admin else { return }
        throw ServiceError(
            .forbiddenSelfChange, "Admins cannot demote, disable or delete themselves; another Admin can.")
    }
}
