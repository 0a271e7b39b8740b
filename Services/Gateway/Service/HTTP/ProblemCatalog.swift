import HTTPTypes
import Messaging

/// Every problem that clients can meet: its status, its title, and what to do about it. The one place where errors
/// become HTTP.
enum ProblemCatalog {
    struct Entry: Sendable {
        var code: ErrorCode
        var status: HTTPResponse.Status
        var title: String
        /// For the page that explains the problem.
        var explanation: String
    }

    static let entries: [Entry] = [
        entry(
            .malformedJSON, 400, "Malformed request",
            "The body, or the request itself, cannot be read. Send one JSON document in UTF-8."),
        entry(
            .validationFailed, 400, "Validation failed",
            "Fields are missing, unknown or out of bounds; `errors` names each of them."),
        entry(.invalidID, 400, "Invalid id", "An id in the address is not a UUID."),
        entry(.invalidCursor, 400, "Invalid cursor", "Use `nextCursor` of the page before, unchanged."),
        entry(.unauthenticated, 401, "Not signed in", "Send `Authorization: Bearer` with a valid access token."),
        entry(.tokenExpired, 401, "Token expired", "The access token has expired: refresh it and try again."),
        entry(.invalidCredentials, 401, "Wrong credentials", "The e-mail or the password is wrong."),
        entry(
            .invalidRefreshToken, 401, "Invalid refresh token",
            "The refresh token is unknown, used, expired or revoked: sign in again."),
        entry(
            .secondFactorRequired, 401, "Second factor required",
            "The password is right: send a code of the authenticator, or a recovery code, as `code` as well."),
        entry(.forbidden, 403, "Forbidden", "You are signed in, but this is not yours to see or to do."),
        entry(.accountDisabled, 403, "Account disabled", "The account has been disabled by an Admin."),
        entry(.notFound, 404, "Not found", "There is nothing at this address."),
        entry(
            .methodNotAllowed, 405, "Method not allowed",
            "The address exists, but not with this method; `Allow` lists those it has."),
        entry(
            .notAcceptable, 406, "Not acceptable",
            "Nothing that `Accept` names is there to be had; `detail` lists what is."),
        entry(
            .requestTimeout, 408, "Request time-out",
            "The request did not come in time: send all of it at once, on a connection of its own."),
        entry(
            .payloadTooLarge, 413, "Payload too large",
            "A JSON request may have at most 64 KiB, one that makes or changes an order 256 KiB."),
        entry(.uriTooLong, 414, "Address too long", "A request line may have at most 8 KiB."),
        entry(.unsupportedMediaType, 415, "Unsupported media type", "Send `Content-Type: application/json`."),
        entry(
            .expectationFailed, 417, "Expectation failed",
            "The only `Expect` that is known is `100-continue`: send the request without any other."),
        entry(
            .headerFieldsTooLarge, 431, "Header fields too large",
            "A request may have at most 100 fields, of 16 KiB each and 32 KiB together."),
        entry(.emailTaken, 409, "E-mail taken", "Another account has this e-mail."),
        entry(.roomClosed, 409, "Room closed", "The room has been closed; nothing follows its summary."),
        entry(.orderNotEditable, 409, "Order not editable", "An order can be changed only while it is in Review."),
        entry(
            .invalidStatusTransition, 409, "Invalid status transition",
            "`allowed` lists the statuses that can be set from the present one."),
        entry(
            .idempotencyInProgress, 409, "Request in progress",
            "The first request with this Idempotency-Key is still running: try again soon."),
        entry(.forbiddenSelfChange, 409, "Not on yourself", "Admins cannot demote, disable or delete themselves."),
        entry(
            .tooManyRooms, 409, "Too many rooms",
            "A socket may be joined to at most 1,000 rooms: leave one, or open another socket."),
        entry(
            .versionMismatch, 412, "Version mismatch",
            "The order has changed since you read it: read it again and decide anew."),
        entry(
            .idempotencyKeyReused, 422, "Idempotency-Key reused",
            "This key was used with another payload: use a new one."),
        entry(
            .rateLimited, 429, "Too many requests",
            "You ask more often than is allowed: wait as long as `Retry-After` says, then ask less often."),
        entry(
            .tooManyAttempts, 429, "Too many attempts",
            "There were too many wrong passwords or codes: wait as long as `Retry-After` says. Where you signed in "
                + "before, and with a refresh token, you may not have to wait."),
        entry(.internal, 500, "Internal error", "Something went wrong on our side. `requestId` finds it in our logs."),
        entry(
            .serviceUnavailable, 503, "Service unavailable",
            "A part of the system does not answer or is full: wait as long as `Retry-After` says."),
        entry(
            .upstreamTimeout, 504, "Upstream time-out",
            "A part of the system did not answer in time; what was asked may have been done."),
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: entries.map { ($0.code, $0) })

    /// A code that this gateway does not know is told as `internal` would be, under its own name.
    static func entry(for code: ErrorCode) -> Entry {
        byCode[code] ?? entry(code, 500, "Error", "This problem is not described.")
    }

    static func known(_ code: String) -> Entry? { byCode[ErrorCode(rawValue: code)] }

    private static func entry(_ code: ErrorCode, _ status: Int, _ title: String, _ explanation: String) -> Entry {
        Entry(code: code, status: HTTPResponse.Status(code: status), title: title, explanation: explanation)
    }
}
