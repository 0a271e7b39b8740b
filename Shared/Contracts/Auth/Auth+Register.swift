package import Messaging
package import Primitives

extension Auth {
    /// Makes a Regular account and signs it in.
    package struct Register: RelayedRequest, Equatable {
        package typealias Reply = SignedIn
        package static let subject = "auth.register"
        package static let timeout: Duration = .seconds(15)

        package struct Input: InputFields {
            package static let about = "Who wants an account."

            package let name = AccountFields.name
            package let email = AccountFields.email
            package let password = AccountFields.password
            package let delivery = AccountFields.delivery
            package let role = AccountFields.registeredRole
        }

        package static let input = Input()

        /// The client's `User-Agent`.
        package var device: String?
        /// What the cookie holds by which the device is known again.
        package var deviceToken: String?
        /// The client's JSON, unread.
        package var body: [UInt8]

        package init(device: String? = nil, deviceToken: String? = nil, body: [UInt8]) {
            self.device = device
            self.deviceToken = deviceToken
            self.body = body
        }

        package init(json: JSON) throws(JSONMismatch) {
            device = try json.get("device")
            deviceToken = try json.get("deviceToken")
            body = []
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.fieldIfPresent("device", device)
                $0.fieldIfPresent("deviceToken", deviceToken)
            }
        }
    }
}
