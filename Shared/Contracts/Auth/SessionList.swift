package import Primitives

/// The live sessions of an account.
package struct SessionList: JSONCodable, Sendable, Equatable {
    package var items: [LiveSession]

    package init(
        items: [LiveSession]
    ) {
        self.items = items
    }

    package init(json: JSON) throws(JSONMismatch) {
        items = try json.get("items")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("items", items)
        }
    }
}
