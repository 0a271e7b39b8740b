package import Contracts
package import Messaging

extension TokenDelivery {
    /// The optional field `tokenDelivery`; a cookie unless told otherwise.
    package static func read(_ input: inout InputReader) -> TokenDelivery {
        guard input.value(AccountFields.delivery) != nil else { return .cookie }
        return input.choice(AccountFields.delivery) ?? .cookie
    }
}
