import Logging
import MemoryTransport
import Messaging
import TestKit
import Testing

@testable import NATSTransport

/// The transports that must keep the same promises.
enum TransportKind: String, CustomTestStringConvertible, Sendable {
    case memory
    case nats

    static let all: [TransportKind] = [.memory, .nats]

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
        let name = uniqueName()
        let url = try TestServers.natsURL
        let transports = (0..<count).map { _ in
            NATSTransport(
                configuration: NATSConfiguration(
                    url: url, stream: "EVENTS_\(name)", subjectPrefix: "\(name).",
                    maximumOutstandingRequests: maximumOutstandingRequests,
                    certificateAuthorities: TestServers.natsAuthorities),
                logger: .silent)
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

extension Result where Failure == any Error, Success == Void {
    static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
