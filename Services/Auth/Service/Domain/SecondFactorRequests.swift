import Contracts
import Messaging

/// What somebody says who wants a second factor.
struct SecondFactorEnrolment: Sendable, Equatable {
    var currentPassword: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        currentPassword = input.secret(Auth.EnrolTOTP.input.currentPassword)
        try input.finish()
    }
}

/// What shows that somebody's authenticator has the secret.
struct SecondFactorConfirmation: Sendable, Equatable {
    var code: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        code = SecondFactorCode.required(&input)
        try input.finish()
    }
}

/// What somebody says who wants no second factor any more.
struct SecondFactorRemoval: Sendable, Equatable {
    var currentPassword: String
    var code: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        currentPassword = input.secret(Auth.RemoveTOTP.input.currentPassword)
        code = SecondFactorCode.required(&input)
        try input.finish()
    }
}
