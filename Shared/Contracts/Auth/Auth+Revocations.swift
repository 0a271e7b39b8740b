import Messaging
package import Primitives

extension Auth {
    /// Sessions and accounts whose access tokens may still be alive and must not be accepted; asked by gateways.
    package struct Revocations: ServiceRequest, Equatable {
        package typealias Reply = RevocationList
        package static let subject = "auth.revocations"

        package init() {}

        package init(json: JSON) {}

        package func write(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }
}
