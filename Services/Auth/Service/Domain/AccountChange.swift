import Primitives

/// What kind of change was made to an account, and so what follows from it.
package struct AccountChange: Sendable, Equatable {
    /// Anything at all.
    package var isAny: Bool
    /// What other services know of the account: name, role, disabled. They are told.
    package var isPublic: Bool
    /// What the account may do. Gateways must refuse access tokens made before.
    package var isOfAccess: Bool
    /// The account may no longer be used: its sessions end.
    package var locksOut: Bool

    package init(from before: Account, to after: Account) {
        let isRenamed = !before.name.isExactly(after.name)
        let hasMoved = before.email.map(ExactText.init) != after.email.map(ExactText.init)
        isOfAccess =
            before.role != after.role || before.disabled != after.disabled || before.isDeleted != after.isDeleted
        isPublic = isOfAccess || isRenamed
        isAny = isPublic || hasMoved
        locksOut = before.isUsable && !after.isUsable
    }
}
