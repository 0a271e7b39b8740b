package import Messaging
package import Primitives

extension Auth {
    /// Accounts, newest first; for Admins.
    package struct ListUsers: ListRequest, Equatable {
        package typealias Reply = Page<User>
        package static let subject = "auth.list-users"

        package struct Parameters: InputFields {
            package static let about = "Which accounts."

            package let role = InputField.word("role", "Only those of this role.", example: Role.admin).omittable
            package let search = InputField.search(in: "name and e-mail")
            package let limit = InputField.limit()
            package let cursor = InputField.cursor
        }

        package static let parameters = Parameters()

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
