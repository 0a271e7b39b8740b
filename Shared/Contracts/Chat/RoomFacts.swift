package import Primitives

/// The closed ones of the rooms asked for, each as its event told it.
package struct RoomFacts: JSONCodable, Sendable, Equatable {
    /// Of the rooms asked about those that are closed, as their events told it.
    package var closed: [Chat.RoomClosed]

    package init(closed: [Chat.RoomClosed]) {
        self.closed = closed
    }

    package init(json: JSON) throws(JSONMismatch) {
        closed = try json.get("closed")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("closed", closed)
        }
    }
}
