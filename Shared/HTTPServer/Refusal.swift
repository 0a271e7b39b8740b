/// Why a request is not handed on. The connection ends with the answer: where the next request would begin nobody can
/// tell, or need not be trusted to say.
package enum Refusal: Error, Sendable, Equatable {
    /// Not HTTP/1.1 as RFC 9112 has it, or framed in a way that two readers may understand differently.
    case malformed
    /// The request line is longer than is read.
    case targetTooLong
    /// The fields are more or longer than is read.
    case fieldsTooLarge
    /// An `Expect` other than `100-continue`.
    case expectationFailed
    /// `CONNECT`: this is no proxy.
    case tunnelAsked
    /// The head did not come in time.
    case tooSlow
    /// The client's address has as many connections as it may.
    case tooManyConnections
    /// The server has as many connections as it may, and is at work for all of them.
    case overloaded
}
