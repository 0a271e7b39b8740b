import HTTPTypes
import Messaging
import Primitives

/// What documents say of a route: everything that a client has to know to use it. What follows from the route itself, as
/// that its body may be too large, is added by `OpenAPIDocument`.
struct Operation: Sendable {
    /// By which tools call it: camel case, unlike any other.
    var id: String
    /// A line.
    var summary: String
    var tag: Tag
    var audience: Audience
    /// More, where a line does not say it; Markdown.
    var about = ""
    /// The fields of its query.
    var query: ObjectSchema?
    /// What else a request may have.
    var fields: [RequestField] = []
    /// The fields of its JSON body.
    var body: ObjectSchema?
    /// Whether the body may be left out.
    var mayOmitBody = false
    var answers: [Success]
    /// What may be refused beside that which may be refused everywhere.
    var problems: [ErrorCode] = []

    /// A group of operations.
    enum Tag: String, CaseIterable, Sendable {
        case identity = "Signing in"
        case account = "Your account"
        case users = "Accounts of others"
        case orders = "Orders"
        case rooms = "Rooms"
        case sockets = "Sockets"
        case system = "System"

        var about: String {
            switch self {
            case .identity: "Sessions, their tokens, and the second factor."
            case .account: "What you see and change of your own."
            case .users: "For Admins."
            case .orders: "What is ordered, and where it stands."
            case .rooms: "The conversation of an order, which begins and ends with it."
            case .sockets: "Where sockets are opened; what is said on them is in `/asyncapi.json`."
            case .system: "Health, keys, and what explains the interface."
            }
        }
    }

    /// Who may call it.
    enum Audience: Sendable {
        case anyone
        case user
        case ownerOrAdmin
        case owner
        case regular
        case admin

        var words: String {
            switch self {
            case .anyone: "For anyone."
            case .user: "For whoever is signed in."
            case .ownerOrAdmin: "For the order's owner and for Admins."
            case .owner: "For the order's owner."
            case .regular: "For Regular users."
            case .admin: "For Admins."
            }
        }
    }

    /// An answer that is no problem.
    struct Success: Sendable {
        var status: Int
        var about: String
        var content: Content
        var fields: [ResponseField] = []

        enum Content: Sendable {
            case none
            case json(Schema)
            /// By media type, each with what its body is.
            case forms([(type: String, schema: Schema)])
        }

        static func ok<Reply: Described>(_ type: Reply.Type, _ fields: ResponseField...) -> Success {
            Success(status: 200, about: Self.about(type), content: .json(type.schema), fields: fields)
        }

        static func created<Reply: Described>(_ type: Reply.Type, _ fields: ResponseField...) -> Success {
            Success(status: 201, about: Self.about(type), content: .json(type.schema), fields: fields)
        }

        static let noContent = Success(status: 204, about: "Done.", content: .none)

        private static func about<Reply: Described>(_ type: Reply.Type) -> String {
            guard case .object(let object) = type.schema else { return "The answer." }
            return object.about
        }
    }
}

/// A field of a request's head that an operation understands.
enum RequestField: String, Sendable {
    case idempotencyKey = "Idempotency-Key"
    case ifMatch = "If-Match"
    case ifNoneMatch = "If-None-Match"
    case accept = "Accept"

    var about: String {
        switch self {
        case .idempotencyKey:
            "1 to 255 visible ASCII characters, bare or in double quotes: the same key with the same content gets the "
                + "first answer again."
        case .ifMatch: "Makes the change only at this version, as `ETag` gave it."
        case .ifNoneMatch: "Answers 304 while this is the version."
        case .accept: "Which form is wanted; `text/plain` when left out."
        }
    }

    var example: String {
        switch self {
        case .idempotencyKey: "0b6f7c1e-order-1"
        case .ifMatch, .ifNoneMatch: "\"1\""
        case .accept: "text/plain"
        }
    }
}

/// A field of a response's head.
enum ResponseField: String, Sendable, CaseIterable {
    case requestID = "X-Request-Id"
    case rateLimit = "RateLimit"
    case rateLimitPolicy = "RateLimit-Policy"
    case eTag = "ETag"
    case location = "Location"
    case idempotencyReplayed = "Idempotency-Replayed"
    case retryAfter = "Retry-After"
    case authenticate = "WWW-Authenticate"
    case allow = "Allow"
    case cookie = "Set-Cookie"
    case clearSiteData = "Clear-Site-Data"
    case disposition = "Content-Disposition"
    case vary = "Vary"
    case encoding = "Content-Encoding"

    var about: String {
        switch self {
        case .requestID: "Names the request in our logs; the client's own where it sent one."
        case .rateLimit: "How many requests may come now, and when all may (draft-ietf-httpapi-ratelimit-headers-10)."
        case .rateLimitPolicy: "The budget that the request counts against."
        case .eTag: "The version, strong and quoted."
        case .location: "The path of what was made."
        case .idempotencyReplayed: "`true` when this is the first answer again."
        case .retryAfter: "Seconds to wait."
        case .authenticate: "`Bearer`."
        case .allow: "The methods that the path has."
        case .cookie: "The refresh token, and the device by which it is known again."
        case .clearSiteData: "What a browser forgets of the site."
        case .disposition: "A name for the file."
        case .vary: "What the answer depends on."
        case .encoding: "`gzip`, where the client takes it."
        }
    }

    var schema: Schema { self == .retryAfter ? .integer(0...Int(Int32.max)) : .string() }
}
