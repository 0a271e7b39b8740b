package import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore

/// What a server decides for its connections.
package struct HTTPServerConfiguration: Sendable {
    /// Of targets that name none; `https` behind TLS.
    package var scheme = "http"
    /// A connection that has not sent a first request for so long is closed.
    package var firstRequestTimeout = TimeAmount.seconds(30)
    /// A connection without a request for so long, or whose client does not go on with one, is closed.
    package var idleTimeout = TimeAmount.seconds(75)
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

/// The connections of a server: HTTP/1.1, answered by a router's responder.
package struct HTTPChannel<Responder: HTTPResponder>: ServerChildChannel
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// One connection: its channel and its handler, which is used on its event loop only.
    package struct Value: ServerChildChannelValue {
        /// For the address of the other side; what goes over it is the handler's.
        package let channel: any Channel
        let connection: NIOLoopBound<HTTPConnection>
    }

    private let responder: Responder
    private let configuration: HTTPServerConfiguration
    /// Where a connection's task runs: on the thread of its event loop, and nowhere else.
    private let executor: @Sendable (any EventLoop) -> any TaskExecutor

    /// - Parameters:
    ///   - responder: asked for every request that can be handed on; what it throws is answered with a bare 500.
    ///   - executor: where the task of a connection of this event loop runs.
    package init(
        _ responder: Responder, configuration: HTTPServerConfiguration,
        executor: @escaping @Sendable (any EventLoop) -> any TaskExecutor
    ) {
        self.responder = responder
        self.configuration = configuration
        self.executor = executor
    }

    /// Adds the handler to a new connection's pipeline. On its event loop.
    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let connection = HTTPConnection(configuration: configuration)
            try channel.pipeline.syncOperations.addHandler(connection)
            return Value(channel: channel, connection: NIOLoopBound(connection, eventLoop: channel.eventLoop))
        }
    }

    /// Serves a connection until it ends or becomes one of another protocol. Cancelling closes it.
    package func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(executor(value.channel.eventLoop)) {
            await withTaskCancellationHandler {
                await value.connection.value.serve(on: value.channel) { await respond(to: $0, value.channel, logger) }
            } onCancel: {
                value.channel.close(promise: nil)
            }
        }
    }

    private func respond(to request: Request, _ channel: any Channel, _ logger: Logger) async -> Response {
        do {
            let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            return try await responder.respond(to: request, context: context)
        } catch {
            // What a responder does not answer itself it must not be asked for again.
            logger.error("request failed unexpectedly", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Response(status: .internalServerError)
        }
    }
}
