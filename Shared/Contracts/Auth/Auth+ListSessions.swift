package import Messaging
package import Primitives

extension Auth {
    /// The caller's live sessions, newest first.
    package struct ListSessions: ListRequest, Equatable {
        package typealias Reply = Page<LiveSession>
        package static let subject = "auth.list-sessions"

        package struct Parameters: InputFields {
            package static let about = "Which part of the list."

            package let limit = InputField.limit()
            package let cursor = InputField.cursor
        }

        package static let parameters = Parameters()

        package var query: QueryParameters

        package init(query: QueryParameters) {
            self.query = query
        }

        package init(json: JSON) throws(JSONMismatch) {
            // Older gateways ask without.
            query = try json.get("query", as: QueryParameters?.self) ?? QueryParameters([:])
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("query", query)
            }
        }
    }
}
