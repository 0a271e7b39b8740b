package import Messaging
package import Primitives

extension Chat {
    /// Rooms by latest activity: the caller's own, every room for an Admin.
    package struct ListRooms: ServiceRequest, Equatable {
        package typealias Reply = Page<Room>
        package static let subject = "chat.list-rooms"

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
