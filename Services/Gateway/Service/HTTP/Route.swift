import HTTPTypes
import Hummingbird
import Messaging

/// One route of the public interface. All of them are listed in `RouteTable`, where tools can find them.
struct Route: Sendable {
    /// Who may come in. Finer rules (owner, Admin) are the owning service's.
    enum Access: Sendable {
        case anyone
        case user
        /// A signed-in user, or whoever brings something else that the handler looks at.
        case userOrBearer
        /// An Admin as well who has to turn on a second factor first.
        case userToEnrol
    }

    /// What a request counts against, where clients are limited.
    enum Budget: Sendable {
        /// What the user reads or writes, as the method says; of an address, where nobody need be signed in.
        case usual
        case signIn
        /// Nothing, or what the handler counts by itself.
        case none
    }

    enum Body: Sendable {
        case none
        case json
        /// JSON that holds texts and objects of an order, whose characters may be escaped.
        case largeJSON
        /// Anything, whatever it calls itself; the handler is told of one that is longer than so many bytes.
        case bytes(Int)

        /// The most that is read, in bytes.
        var limit: Int {
            switch self {
            case .none: 0
            case .json: 64 * 1024
            case .largeJSON: 256 * 1024
            case .bytes(let limit): limit
            }
        }
    }

    var method: HTTPRequest.Method
    /// With placeholders: `/api/v1/orders/{orderId}`.
    var path: String
    /// What documents say of it.
    var operation: Operation
    var access: Access
    var body: Body
    var budget: Budget
    var handler: @Sendable (GatewayRequest) async throws -> Response

    init(
        _ method: HTTPRequest.Method, _ path: String, _ operation: Operation, access: Access = .user,
        body: Body = .none, budget: Budget = .usual,
        handler: @escaping @Sendable (GatewayRequest) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.access = access
        self.body = body
        self.budget = budget
        self.handler = handler
    }
}
