package import Primitives

/// Public keys as a JSON Web Key Set.
package struct KeySet: JSONCodable, Sendable, Equatable {
    /// Each a JSON Web Key (RFC 7517) with `kid`, by which tokens name it; passed on to clients as they are.
    package var keys: [JSON]

    package init(
        keys: [JSON]
    ) {
        self.keys = keys
    }

    package init(json: JSON) throws(JSONMismatch) {
        keys = try json.get("keys")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("keys", keys)
        }
    }
}
