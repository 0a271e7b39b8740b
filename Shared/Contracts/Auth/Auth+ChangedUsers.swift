package import Messaging
package import Primitives

extension Auth {
    /// Accounts that have changed since they were made, in the order of their changes; asked by services that keep
    /// names, for what a lost `auth.event.user-changed` would have told.
    package struct ChangedUsers: ServiceRequest, Equatable {
        package typealias Reply = ChangedUserList
        package static let subject = "auth.changed-users"
        /// Accounts in one answer.
        package static let pageSize = 500

        /// The place of the last change seen; from the beginning when absent.
        package var after: ChangePlace?

        package init(after: ChangePlace? = nil) {
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
