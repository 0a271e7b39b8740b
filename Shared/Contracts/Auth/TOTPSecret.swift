package import Primitives

/// The secret of an authenticator (RFC 6238), shown once.
package struct TOTPSecret: DescribedObject, Sendable, Equatable {
    /// In base 32, to be typed.
    package var secret: String
    /// The same as `otpauth://…`, for a QR code.
    package var uri: String

    package init(secret: String, uri: String) {
        self.secret = secret
        self.uri = uri
    }

    package static let about = "The secret of an authenticator (RFC 6238), shown once."

    package static let example = TOTPSecret(
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        uri: "otpauth://totp/Orderline:olga%40shop.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Orderline")

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("secret", &object.secret, "In base 32, to be typed.")
        try list.member("uri", &object.uri, "The same for a QR code, `otpauth://…`.", as: .string(format: "uri"))
    }
}
