import Messaging
package import Primitives

extension Auth {
    /// There are other signing keys than before.
    package struct KeysChanged: ServiceEvent, Equatable {
        package static let subject = "auth.event.keys-changed"

        /// The `kid` of keys that are good for nothing from now on, not even for tokens that they signed before.
        package var revoked: [String]
        package var at: Timestamp

        package init(revoked: [String], at: Timestamp) {
            self.revoked = revoked
            self.at = at
        }

        package init(json: JSON) throws(JSONMismatch) {
            revoked = try json.get("revoked")
            at = try json.get("at")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("revoked", revoked)
                $0.field("at", at)
            }
        }
    }
}
