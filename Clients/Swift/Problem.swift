/// Why something was refused, as RFC 9457 says it, or why nothing was reached. Decide by `code`.
public struct Problem: Error, Sendable, Hashable {
    /// What happened, for programs. A newer server may name codes that are not listed here.
    public struct Code: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// What is wrong with one field of a request.
    public struct FieldFault: Codable, Sendable, Hashable {
        /// Where it is: `quantity`, `metadata.colour`.
        public var field: String
        /// What is wrong, for programs: `required`, `length`, `range`, …
        public var code: String
        /// The same in words, for developers.
        public var message: String
    }

    public var code: Code
    /// The code in words.
    public var title: String
    /// The HTTP status, also of what a socket refused; 0 for what the client itself says.
    public var status: Int
    /// What happened this time.
    public var detail: String
    /// By which the server's logs have it; `nil` for what the client itself says.
    public var requestId: String?
    /// Of `validation-failed`: which fields are to blame.
    public var errors: [FieldFault] = []
    /// Of `invalid-status-transition`: where the order stands, what was asked for, and what can be set from there.
    public var from: OrderStatus?
    public var to: OrderStatus?
    public var allowed: [OrderStatus] = []
    /// How long to wait before asking again, where the server has said so.
    public var retryAfter: Duration?

    /// Whether it passes by itself: asking again later is right.
    public var isPassing: Bool { Self.passing.contains(code) }

    private static let passing: Set<Code> = [.serviceUnavailable, .upstreamTimeout, .rateLimited, .internal, .offline]

    /// Whether a new access token might help.
    var isOfSession: Bool { code == .unauthenticated || code == .tokenExpired }

    /// What the client itself has to say.
    init(_ code: Code, _ detail: String, status: Int = 0) {
        self.code = code
        self.detail = detail
        self.status = status
        title = detail
    }
}

extension Problem: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(detail)" }
}

extension Problem: Decodable {
    private enum CodingKeys: CodingKey {
        case code, title, status, detail, requestId, errors, from, to, allowed
    }

    /// Reads what a newer or an older server may say otherwise as far as it can be read.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        code = try members.decodeIfPresent(Code.self, forKey: .code) ?? .internal
        title = try members.decodeIfPresent(String.self, forKey: .title) ?? code.rawValue
        status = try members.decodeIfPresent(Int.self, forKey: .status) ?? 0
        detail = try members.decodeIfPresent(String.self, forKey: .detail) ?? title
        requestId = try members.decodeIfPresent(String.self, forKey: .requestId)
        errors = try members.decodeIfPresent([FieldFault].self, forKey: .errors) ?? []
        from = try members.decodeIfPresent(OrderStatus.self, forKey: .from)
        to = try members.decodeIfPresent(OrderStatus.self, forKey: .to)
        allowed = try members.decodeIfPresent([OrderStatus].self, forKey: .allowed) ?? []
    }
}

/// What the client itself says.
extension Problem.Code {
    /// Nobody was reached, or the connection was lost before the answer.
    public static let offline: Self = "offline"
    /// The room has been left, or the client was closed.
    public static let roomLeft: Self = "room-left"
    /// ``Room/send(_:clientMessageId:)`` has as many messages waiting as it takes.
    public static let outboxFull: Self = "outbox-full"
    /// Events came faster than a loop has read them; it may begin anew with `after`.
    public static let tooSlow: Self = "too-slow"
    /// An answer that is not what the interface describes.
    public static let unexpectedAnswer: Self = "unexpected-answer"
    /// The address given to the client is none.
    public static let invalidOrigin: Self = "invalid-origin"
}

/// What a server says. `/problems/{code}` has a page on each.
extension Problem.Code {
    public static let malformedJSON: Self = "malformed-json"
    public static let validationFailed: Self = "validation-failed"
    public static let invalidId: Self = "invalid-id"
    public static let invalidCursor: Self = "invalid-cursor"
    public static let unauthenticated: Self = "unauthenticated"
    public static let tokenExpired: Self = "token-expired"
    public static let invalidCredentials: Self = "invalid-credentials"
    public static let invalidRefreshToken: Self = "invalid-refresh-token"
    public static let secondFactorRequired: Self = "second-factor-required"
    public static let forbidden: Self = "forbidden"
    public static let accountDisabled: Self = "account-disabled"
    public static let notFound: Self = "not-found"
    public static let methodNotAllowed: Self = "method-not-allowed"
    public static let notAcceptable: Self = "not-acceptable"
    public static let requestTimeout: Self = "request-timeout"
    public static let payloadTooLarge: Self = "payload-too-large"
    public static let uriTooLong: Self = "uri-too-long"
    public static let unsupportedMediaType: Self = "unsupported-media-type"
    public static let expectationFailed: Self = "expectation-failed"
    public static let headerFieldsTooLarge: Self = "header-fields-too-large"
    public static let emailTaken: Self = "email-taken"
    public static let roomClosed: Self = "room-closed"
    public static let orderNotEditable: Self = "order-not-editable"
    public static let invalidStatusTransition: Self = "invalid-status-transition"
    public static let idempotencyInProgress: Self = "idempotency-in-progress"
    public static let forbiddenSelfChange: Self = "forbidden-self-change"
    public static let tooManyRooms: Self = "too-many-rooms"
    public static let versionMismatch: Self = "version-mismatch"
    public static let idempotencyKeyReused: Self = "idempotency-key-reused"
    public static let rateLimited: Self = "rate-limited"
    public static let tooManyAttempts: Self = "too-many-attempts"
    public static let `internal`: Self = "internal"
    public static let serviceUnavailable: Self = "service-unavailable"
    public static let upstreamTimeout: Self = "upstream-timeout"

    /// All that the interface names, so that a test can hold them against its description.
    static let described: [Self] = [
        malformedJSON, validationFailed, invalidId, invalidCursor, unauthenticated, tokenExpired, invalidCredentials,
        invalidRefreshToken, secondFactorRequired, forbidden, accountDisabled, notFound, methodNotAllowed,
        notAcceptable, requestTimeout, payloadTooLarge, uriTooLong, unsupportedMediaType, expectationFailed,
        headerFieldsTooLarge, emailTaken, roomClosed, orderNotEditable, invalidStatusTransition, idempotencyInProgress,
        forbiddenSelfChange, tooManyRooms, versionMismatch, idempotencyKeyReused, rateLimited, tooManyAttempts,
        `internal`, serviceUnavailable, upstreamTimeout,
    ]
}
