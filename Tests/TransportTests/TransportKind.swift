import Glibc
import Logging
import MemoryTransport
import Messaging
import Testing

@testable import NATSTransport

/// The transports that must keep the same promises. NATS takes part when `TEST_NATS_URL` names a server that allows
/// everything, with JetStream (and `TEST_NATS_CA` the file of its authority, when the URL begins with `tls://`).
enum TransportKind: String, CustomTestStringConvertible, Sendable {
    case memory
    case nats

    static var all: [TransportKind] { natsURL == nil ? [.memory] : [.memory, .nats] }

    static var natsURL: String? { getenv("TEST_NATS_URL").map { String(cString: $0) } }

    var testDescription: String { rawValue }
}

/// Calls `body` with `count` transports that reach each other and nobody else, and their event stream.
func withTransports(
    _ kind: TransportKind, _ count: Int, maximumOutstandingRequests: Int = 4096,
    _ body: @Sendable ([any Transport]) async throws -> Void
) async throws {
    switch kind {
    case .memory:
        let hub = MemoryHub()
        try await body(
            (0..<count).map { _ in MemoryTransport(hub: hub, maximumOutstandingRequests: maximumOutstandingRequests) })
    case .nats:
        let name = randomName()
        let transports = (0..<count).map { _ in
            NATSTransport(
                configuration: NATSConfiguration(
                    url: TransportKind.natsURL ?? "", stream: "EVENTS_\(name)", subjectPrefix: "\(name).",
                    maximumOutstandingRequests: maximumOutstandingRequests,
                    certificateAuthorities: getenv("TEST_NATS_CA").map { String(cString: $0) }),
                logger: quietLogger)
        }
        try await withRunning(transports) {
            let definition = StreamDefinition(name: "EVENTS_\(name)", subjectPrefix: "\(name).")
            try await Provisioner(transport: transports[0], definition: definition).provision()
            let outcome = await Result.catching { try await body(transports) }
            _ = try await transports[0].ask(server: "$JS.API.STREAM.DELETE.EVENTS_\(name)")
            try outcome.get()
        }
    }
}

/// Runs the transports, waits until they are connected, calls `body`, and stops them.
func withRunning(_ transports: [NATSTransport], _ body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for transport in transports { group.addTask { try await transport.run() } }
        try await eventually("every transport is connected") { transports.allSatisfy { $0.isConnected } }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// Runs `work` beside `body`; cancels it when `body` is done.
func during(
    _ work: @escaping @Sendable () async throws -> Void, _ body: @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await work() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// Waits until `condition` holds; fails when that takes longer than `limit`.
func eventually(
    _ what: Comment, within limit: Duration = .seconds(15), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while await !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}

func randomName() -> String { "t" + String(UInt64.random(in: 0...UInt64.max), radix: 36) }

let quietLogger: Logger = {
    var logger = Logger(label: "transport-tests")
    logger.logLevel = .critical
    return logger
}()

extension Result where Failure == any Error, Success == Void {
    static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
