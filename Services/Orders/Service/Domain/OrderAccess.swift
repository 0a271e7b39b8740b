package import Contracts
package import Messaging

/// Who may do what with an order.
package enum OrderAccess {
    /// Its owner and every Admin may see it.
    package static func requireRead(_ caller: Caller, owner: Person) throws(ServiceError) {
        guard caller.isAdmin || caller.userID == owner.id else { throw .forbidden }
    }

    /// Only its owner may change it. That it can be changed at all is another question: `requireEditable`.
    package static func requireEdit(_ caller: Caller, _ order: Order) throws(ServiceError) {
        guard caller.userID == order.owner.id else { throw .forbidden }
    }

    /// What is no longer in review keeps its content.
    package static func requireEditable(_ order: Order) throws(ServiceError) {
        guard order.status.isEditable else {
            throw ServiceError(
                .orderNotEditable, "The order is in \(order.status.rawValue) and can no longer be changed.")
        }
    }
}
