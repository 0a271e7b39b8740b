/// The name of a problem, as clients see it. Extensible: a process passes on a code that it does not know.
package struct ErrorCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// - Parameter rawValue: words of small letters with hyphens between; it is also the last part of the problem's
    ///   `type`.
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The codes of the public interface: status, title and meaning of each stand in the gateway's `ProblemCatalog` and in
/// docs/api.md §2.2.
extension ErrorCode {
    package static let malformedJSON = ErrorCode(rawValue: "malformed-json")
    package static let validationFailed = ErrorCode(rawValue: "validation-failed")
    package static let invalidID = ErrorCode(rawValue: "invalid-id")
    package static let invalidCursor = ErrorCode(rawValue: "invalid-cursor")
    package static let unauthenticated = ErrorCode(rawValue: "unauthenticated")
    package static let tokenExpired = ErrorCode(rawValue: "token-expired")
    package static let invalidCredentials = ErrorCode(rawValue: "invalid-credentials")
    package static let invalidRefreshToken = ErrorCode(rawValue: "invalid-refresh-token")
    package static let secondFactorRequired = ErrorCode(rawValue: "second-factor-required")
    package static let forbidden = ErrorCode(rawValue: "forbidden")
    package static let accountDisabled = ErrorCode(rawValue: "account-disabled")
    package static let notFound = ErrorCode(rawValue: "not-found")
    package static let methodNotAllowed = ErrorCode(rawValue: "method-not-allowed")
    package static let notAcceptable = ErrorCode(rawValue: "not-acceptable")
    package static let requestTimeout = ErrorCode(rawValue: "request-timeout")
    package static let payloadTooLarge = ErrorCode(rawValue: "payload-too-large")
    package static let uriTooLong = ErrorCode(rawValue: "uri-too-long")
    package static let expectationFailed = ErrorCode(rawValue: "expectation-failed")
    package static let headerFieldsTooLarge = ErrorCode(rawValue: "header-fields-too-large")
    package static let unsupportedMediaType = ErrorCode(rawValue: "unsupported-media-type")
    package static let emailTaken = ErrorCode(rawValue: "email-taken")
    package static let roomClosed = ErrorCode(rawValue: "room-closed")
    package static let orderNotEditable = ErrorCode(rawValue: "order-not-editable")
    package static let invalidStatusTransition = ErrorCode(rawValue: "invalid-status-transition")
    package static let idempotencyInProgress = ErrorCode(rawValue: "idempotency-in-progress")
    package static let forbiddenSelfChange = ErrorCode(rawValue: "forbidden-self-change")
    package static let tooManyRooms = ErrorCode(rawValue: "too-many-rooms")
    package static let versionMismatch = ErrorCode(rawValue: "version-mismatch")
    package static let idempotencyKeyReused = ErrorCode(rawValue: "idempotency-key-reused")
    package static let rateLimited = ErrorCode(rawValue: "rate-limited")
    package static let tooManyAttempts = ErrorCode(rawValue: "too-many-attempts")
    package static let `internal` = ErrorCode(rawValue: "internal")
    package static let serviceUnavailable = ErrorCode(rawValue: "service-unavailable")
    package static let upstreamTimeout = ErrorCode(rawValue: "upstream-timeout")
}
