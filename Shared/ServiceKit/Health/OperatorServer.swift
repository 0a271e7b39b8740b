import HTTPServer
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import Primitives
import ServiceLifecycle

/// The operator's port: `/health/live`, `/health/ready`, `/metrics`. Not for the public.
package struct OperatorServer: Service {
    /// For a few who look; they are kept apart from the places of the public.
    package static let connectionLimit = 32

    private let host: String
    private let port: Int
    private let health: HealthRegistry
    private let metrics: MetricsRegistry
    private let logger: Logger

    package init(host: String, port: Int, health: HealthRegistry, metrics: MetricsRegistry, logger: Logger) {
        self.host = host
        self.port = port
        self.health = health
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        let router = Router()
        router.get("/health/live") { _, _ in Self.json(.ok, #"{"status":"live"}"#) }
        router.get("/health/ready") { [health] _, _ in
            Self.readiness(await health.failures(), warnings: await health.warned())
        }
        router.get("/metrics") { [metrics] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.exposition())))
        }
        var quiet = logger
        quiet.logLevel = .warning
        let responder = router.buildResponder()
        // Connections as the public door has them: what a stranger sends here is bounded, too.
        let listener = HTTPListener(
            responder, host: host, port: port, configuration: HTTPServerConfiguration(refusal: Self.refusal),
            connections: ConnectionTable(limit: Self.connectionLimit), logger: quiet)
        try await listener.run()
    }

    private static func refusal(_ refusal: Refusal, _ asked: RefusedHead) -> (HTTPResponse, ByteBuffer) {
        let status: HTTPResponse.Status =
            switch refusal {
            case .malformed: .badRequest
            case .targetTooLong: .uriTooLong
            case .fieldsTooLarge: .requestHeaderFieldsTooLarge
            case .expectationFailed: .expectationFailed
            case .tunnelAsked: .notImplemented
            case .tooSlow: .requestTimeout
            case .tooManyConnections: .tooManyRequests
            case .overloaded: .serviceUnavailable
            }
        return (HTTPResponse(status: status, headerFields: [.contentLength: "0"]), ByteBuffer())
    }

    /// The readiness answer: 200, or 503 with what is wrong. Warnings are told when there are any.
    package static func readiness(
        _ failures: [(part: String, reason: String)], warnings: [(part: String, reason: String)] = []
    ) -> Response {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("status", failures.isEmpty ? "ready" : "unavailable")
            writer.name("failing")
            writer.object { Self.write(failures, to: &$0) }
            if !warnings.isEmpty {
                writer.name("warnings")
                writer.object { Self.write(warnings, to: &$0) }
            }
        }
        return json(failures.isEmpty ? .ok : .serviceUnavailable, String(decoding: writer.bytes, as: UTF8.self))
    }

    private static func write(_ parts: [(part: String, reason: String)], to writer: inout JSONWriter) {
        for part in parts {
            writer.name(data: part.part)
            writer.string(part.reason)
        }
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
