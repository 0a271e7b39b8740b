package import Primitives

/// The secret of an authenticator (RFC 6238), shown once.
package struct TOTPSecret: JSONCodable, Sendable, Equatable {
    /// In base 32, to be typed.
    package var secret: String
    /// The same as `otpauth://…`, for a QR code.
    package var uri: String

    package init(secret: String, uri: String) {
        self.secret = secret
        self.uri = uri
    }

    package init(json: JSON) throws(JSONMismatch) {
        secret = try json.get("secret")
        uri = try json.get("uri")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("secret", secret)
            $0.field("uri", uri)
        }
    }
}
