package import Messaging

/// How a client wants its refresh token.
package enum TokenDelivery: String, Sendable, CaseIterable {
    case cookie
    case body

    /// The optional field `tokenDelivery`; a cookie unless told otherwise.
    package static func read(_ input: inout InputReader) -> TokenDelivery {
        guard input.value("tokenDelivery") != nil else { return .cookie }
        return input.choice("tokenDelivery", TokenDelivery.self) ?? .cookie
    }
}
