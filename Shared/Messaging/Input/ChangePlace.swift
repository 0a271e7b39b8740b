package import Primitives

/// A place in a list of changes: when, and whose. The clock is the database's, so that it is one.
package struct ChangePlace: JSONCodable, CursorPosition, Equatable {
    package var at: Timestamp
    package var id: Identifier

    package init(at: Timestamp, id: Identifier) {
        self.at = at
        self.id = id
    }

    package init(json: JSON) throws(JSONMismatch) {
        at = try json.get("at")
        id = try json.get("id")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("at", at)
            $0.field("id", id)
        }
    }
}

extension ChangePlace {
    package var words: [String] { [String(at.milliseconds), id.description] }

    package init?(words: [String]) {
        guard words.count == 2, let milliseconds = Int64(words[0]), milliseconds.magnitude < 1 << 47,
            let id = Identifier(words[1])
        else { return nil }
        self.init(at: Timestamp(milliseconds: milliseconds), id: id)
    }
}
