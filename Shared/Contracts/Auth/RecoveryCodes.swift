package import Primitives

/// Codes in the place of an authenticator that is lost, each good once; shown once.
package struct RecoveryCodes: JSONCodable, Sendable, Equatable {
    package var recoveryCodes: [String]

    package init(recoveryCodes: [String]) {
        self.recoveryCodes = recoveryCodes
    }

    package init(json: JSON) throws(JSONMismatch) {
        recoveryCodes = try json.get("recoveryCodes")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { $0.field("recoveryCodes", recoveryCodes) }
    }
}
