package import Primitives

/// How far rooms have come. Rooms that do not exist are left out.
package struct RoomHeads: JSONCodable, Sendable, Equatable {
    package var rooms: [RoomHead]

    package init(
        rooms: [RoomHead]
    ) {
        self.rooms = rooms
    }

    package init(json: JSON) throws(JSONMismatch) {
        rooms = try json.get("rooms")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("rooms", rooms)
        }
    }
}
