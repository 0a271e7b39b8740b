package import Primitives

/// Messages of a room, ascending by `seq`.
package struct MessagePage: JSONCodable, Sendable, Equatable {
    package var items: [Message]
    /// Of the page, not of the room; `nil` when it is empty.
    package var firstSeq: Int?
    /// Of the page, not of the room; `nil` when it is empty.
    package var lastSeq: Int?
    /// Whether there are more in the direction asked for.
    package var hasMore: Bool

    package init(
        items: [Message], firstSeq: Int? = nil, lastSeq: Int? = nil, hasMore: Bool
    ) {
        self.items = items
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.hasMore = hasMore
    }

    package init(json: JSON) throws(JSONMismatch) {
        items = try json.get("items")
        firstSeq = try json.get("firstSeq")
        lastSeq = try json.get("lastSeq")
        hasMore = try json.get("hasMore")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("items", items)
            $0.field("firstSeq", firstSeq)
            $0.field("lastSeq", lastSeq)
            $0.field("hasMore", hasMore)
        }
    }
}
