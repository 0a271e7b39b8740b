package import HTTPTypes
package import NIOCore

/// What a server decides for its connections.
package struct HTTPServerConfiguration: Sendable {
    /// Of targets that name none; `https` behind TLS.
    package var scheme = "http"
    /// A connection that has not sent a first request for so long is closed.
    package var firstRequestTimeout = TimeAmount.seconds(30)
    /// A connection without a request for so long is closed.
    package var idleTimeout = TimeAmount.seconds(75)
    /// A head that is not there so long after its first byte is refused, and so is a body so long after its head.
    package var headTimeout = TimeAmount.seconds(10)
    package var bodyTimeout = TimeAmount.seconds(30)
    /// How often it is looked whether a client takes what it is sent. One that takes less than `writeProgress` bytes
    /// twice in a row is cut off.
    package var writeCheck = TimeAmount.seconds(5)
    package var writeProgress = 4096
    /// The answer to a request that cannot be handed on; its body's length is among its fields.
    package var refusal: @Sendable (Refusal, RefusedHead) -> (HTTPResponse, ByteBuffer)
    /// Asked for each request whose `Connection` has the option `upgrade`: `nil` when it is a request like any other. A
    /// decision that fails, or is `nil`, hands the request on, and the connection ends with its answer.
    package var upgrade: @Sendable (any Channel, RequestHead) -> EventLoopFuture<ProtocolUpgrade?>? = { _, _ in nil }
    /// Asked for each request without a body: `nil` when a responder is to answer it. For what is waited for long: such a
    /// request has no task, and costs little while it waits.
    package var answer: @Sendable (any Channel, RequestHead) -> EventLoopFuture<(HTTPResponse, ByteBuffer)>? = {
        _, _ in nil
    }

    package init(refusal: @escaping @Sendable (Refusal, RefusedHead) -> (HTTPResponse, ByteBuffer)) {
        self.refusal = refusal
    }
}

/// A connection's change to another protocol (RFC 9110 §7.8).
package struct ProtocolUpgrade: Sendable {
    /// 101 and its fields, without `Connection`.
    package var response: HTTPResponse
    /// Adds the handlers of the new protocol at the end of the pipeline.
    package var install: @Sendable (any Channel) throws -> Void

    package init(response: HTTPResponse, install: @escaping @Sendable (any Channel) throws -> Void) {
        self.response = response
        self.install = install
    }
}
