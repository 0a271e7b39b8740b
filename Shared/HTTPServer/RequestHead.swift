package import HTTPTypes

/// The head of a request, and what it asks of its connection.
package struct RequestHead: Sendable, Equatable {
    /// How the end of the body is found (RFC 9112 §6.3).
    package enum Framing: Sendable, Equatable {
        case none
        /// Bytes, at least one.
        case length(Int)
        case chunked
    }

    /// `authority` is the host that was asked for; it stands in no field.
    package var request: HTTPRequest
    /// Where the body ends, if there is one.
    package var framing = Framing.none
    /// HTTP/1.0 knows neither chunks nor informational answers.
    package var isVersion10 = false
    /// Whether the client would send another request on this connection (RFC 9112 §9.3).
    package var keepsAlive = true
    /// Whether `Connection` has the option `upgrade`.
    package var asksUpgrade = false
    /// Whether the client waits for `100 Continue` before it sends the body.
    package var awaitsContinue = false

    /// A request of HTTP/1.1 without a body that keeps its connection; the reader then says what is otherwise.
    package init(request: HTTPRequest) { self.request = request }
}

/// How much of a head is read, in bytes.
enum HeadLimit {
    static let requestLine = 8 * 1024
    static let field = 16 * 1024
    static let allFields = 32 * 1024
    static let fieldCount = 100
    static let method = 32
    /// Empty lines before a request are passed over (RFC 9112 §2.2), a few of them.
    static let emptyLines = 8
}
