package import Contracts
package import Messaging

/// What somebody says who signs in.
package struct Credentials: Sendable, Equatable {
    package var email: String
    package var password: String
    /// Of the second factor, if there is one.
    package var code: String?
    package var delivery: TokenDelivery

    /// - Throws: `malformed-json`, or `validation-failed` when something is missing. A text that no account can have is
    ///   not a fault: it is answered like any wrong one.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Auth.Login.input
        email = input.secret(fields.email)
        password = input.secret(fields.password)
        code = SecondFactorCode.optional(&input)
        delivery = TokenDelivery.read(&input)
        try input.finish()
    }

    /// The one answer to a wrong password and to an unknown address.
    package static let refused = ServiceError(.invalidCredentials, "The e-mail address or the password is wrong.")
}
