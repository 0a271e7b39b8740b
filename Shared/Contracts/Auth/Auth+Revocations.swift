import Messaging
package import Primitives

extension Auth {
    /// Sessions and accounts whose access tokens may still be alive and must not be accepted; asked by gateways.
    package struct Revocations: ServiceRequest, Equatable {
        package typealias Reply = RevocationList
        package static let subject = "auth.revocations"

        /// The place of the page before; the first page without it.
        package var after: String?

        package init(after: String? = nil) {
            self.after = after
        }

        package init(json: JSON) throws(JSONMismatch) {
            after = try json.get("after")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("after", after)
            }
        }
    }
}
