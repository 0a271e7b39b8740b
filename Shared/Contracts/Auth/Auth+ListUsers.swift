package import Messaging
package import Primitives

extension Auth {
    /// Accounts, newest first; for Admins.
    package struct ListUsers: ServiceRequest, Equatable {
        package typealias Reply = Page<User>
        package static let subject = "auth.list-users"

        package var query: QueryParameters

        package init(query: QueryParameters) {
            self.query = query
        }

        package init(json: JSON) throws(JSONMismatch) {
            query = try json.get("query")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("query", query)
            }
        }
    }
}
