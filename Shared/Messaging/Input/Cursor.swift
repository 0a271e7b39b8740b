package import Primitives

/// A place in a list by its sort key, never by counting (keyset pagination).
package protocol CursorPosition: Sendable {
    /// The sort key as words without white space.
    var words: [String] { get }
    init?(words: [String])
}

/// Cursors as clients see them: opaque text, one form for every list.
package enum Cursor {
    /// The text that a client gets, without anything that needs escaping in a URL.
    package static func encode(_ position: some CursorPosition) -> String {
        Base64URL.encode(Array(position.words.joined(separator: " ").utf8))
    }

    /// The position that `encode` made the text from; `nil` for any other text, of more than 256 bytes too.
    package static func decode<Position: CursorPosition>(_ text: String, as type: Position.Type) -> Position? {
        guard text.utf8.count <= 256, let bytes = Base64URL.decode(text),
            let words = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let position = Position(words: words.split(separator: " ", omittingEmptySubsequences: false).map(String.init))
        // One position has one cursor: what says the same in other words was made by somebody else.
        guard let position, encode(position).isExactly(text) else { return nil }
        return position
    }
}

extension Identifier: CursorPosition {
    package var words: [String] { [description] }

    package init?(words: [String]) {
        guard words.count == 1 else { return nil }
        self.init(words[0])
    }
}

/// A page of a list.
package struct Page<Item: JSONCodable & Sendable>: JSONCodable, Sendable {
    package var items: [Item]
    /// Where the next page begins; `nil` on the last one.
    package var nextCursor: String?

    /// - Parameter nextCursor: made with `Cursor.encode`; `nil` on the last page.
    package init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    /// A page of at most `limit` from `found`, which holds one more when there is a next page.
    package init(_ found: [Item], limit: Int, position: (Item) -> some CursorPosition) {
        items = Array(found.prefix(limit))
        nextCursor = found.count > limit ? items.last.map { Cursor.encode(position($0)) } : nil
    }

    package init(json: JSON) throws(JSONMismatch) {
        items = try json.get("items")
        nextCursor = try json.get("nextCursor")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("items", items)
            $0.field("nextCursor", nextCursor)
        }
    }
}

extension Page: Described where Item: Described {
    package static var schema: Schema {
        let item = Item.schema
        var name: String?
        if case .object(let object) = item { name = object.name.map { $0 + "Page" } }
        return .object(
            ObjectSchema(
                name: name, about: "A page of a list.",
                members: [
                    ObjectSchema.Member("items", .list(item), about: "At most `limit` of them.", isRequired: true),
                    ObjectSchema.Member(
                        "nextCursor", .orNull(.string()), about: "Where the next page begins; `null` on the last one.",
                        isRequired: true, example: .null),
                ]))
    }
}
