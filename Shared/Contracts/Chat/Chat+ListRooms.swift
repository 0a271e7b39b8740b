package import Messaging
package import Primitives

extension Chat {
    /// Rooms by latest activity: the caller's own, every room for an Admin.
    package struct ListRooms: ListRequest, Equatable {
        package typealias Reply = Page<Room>
        package static let subject = "chat.list-rooms"

        package struct Parameters: InputFields {
            package static let about = "Which rooms."

            package let isOpen = InputField.boolean("open", "Only those that are open, or closed.", example: true)
                .omittable
            package let hasUnread = InputField.boolean(
                "unread", "Only those with, or without, messages of others that you have not read.", example: true
            ).omittable
            package let search = InputField.search(in: "order number, owner's name, summary and last message")
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
