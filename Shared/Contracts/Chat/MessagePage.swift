package import Primitives

/// Messages of a room, ascending by `seq`.
package struct MessagePage: DescribedObject, Sendable, Equatable {
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

    package static let about = "Messages of a room, ascending by `seq`."

    package static let example = MessagePage(items: [.example], firstSeq: 1, lastSeq: 1, hasMore: false)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("items", &object.items, "Ascending by `seq`.")
        try list.member("firstSeq", &object.firstSeq, "The first one's `seq`; `null` when there is none.")
        try list.member("lastSeq", &object.lastSeq, "The last one's `seq`; `null` when there is none.")
        try list.member("hasMore", &object.hasMore, "Whether there are more in the direction asked for.")
    }
}
