import Messaging
package import Primitives

extension Auth {
    /// The public keys that verify access tokens, as a JSON Web Key Set (RFC 7517).
    package struct Keys: ServiceRequest, Equatable {
        package typealias Reply = KeySet
        package static let subject = "auth.keys"

        /// All of them, always.
        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
