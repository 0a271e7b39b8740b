package import Messaging
package import Primitives

/// The fields of accounts and of signing in, and their bounds: the same in every operation.
package enum AccountFields {
    package static let name = InputField.text(
        "name", 2...50,
        "What others see, without control characters and without those that turn the direction of text.",
        example: "Olga Owner")
    package static let email = InputField.text("email", 1...254, "An e-mail address.", example: "olga@shop.example")
    package static let password = newPassword("password")
    package static let newPassword = newPassword("newPassword")
    package static let refreshToken = InputField.text(
        "refreshToken", 0...65_536, "The token as it was given, where it is not in the cookie.",
        example: "r1.mFq2Zk8QeD0"
    ).omittable
    package static let delivery = InputField.word(
        "tokenDelivery", "Where the refresh token goes: into a cookie unless this says otherwise.",
        example: TokenDelivery.cookie
    ).optional
    package static let registeredRole = InputField.json(
        "role", .orNull(.constant(Role.regular.rawValue)),
        "Nobody can register as anything else: another role is 403 `forbidden`.", example: .string("Regular")
    ).optional
    /// One that is only compared: as wide as a password, so that a refusal says nothing about what an address may be.
    package static let presentedEmail = InputField.text(
        "email", presentedLength, "The address of the account.", example: "olga@shop.example")
    package static let code = InputField.text(
        "code", 1...64, "A code of the authenticator, or one for recovery.", example: "492039")
    package static let passwordForEmail = InputField.text(
        "currentPassword", presentedLength, "Required when the e-mail address changes.",
        example: "correct horse battery"
    ).optional

    /// Of a password that is only compared: wide, so that a refusal says nothing about what a password may be.
    private static let presentedLength = 1...1024

    package static func presentedPassword(_ name: String) -> InputField<String> {
        .text(name, presentedLength, "The password of the account.", example: "correct horse battery")
    }

    private static func newPassword(_ name: String) -> InputField<String> {
        .text(
            name, 8...128, "Not one of those that are tried first, nor your name or e-mail address.",
            example: "correct horse battery")
    }
}

/// How a client wants its refresh token.
package enum TokenDelivery: String, DescribedWord {
    package static let about = "Where the refresh token is delivered."

    case cookie
    case body
}
