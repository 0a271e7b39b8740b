import Contracts
import Logging
import Messaging
import NATSTransport
import Primitives
import TestKit
import Testing

/// Neighbours of two versions, over a real NATS server: what one adds the other passes over, and what one cannot read
/// costs that request alone.
@Suite(.bounded)
struct VersionTests {
    private static let declarations = Services.all

    @Test("A caller one version newer, or a service one version newer, is understood", arguments: 0..<3)
    func newer(index: Int) async throws {
        try await withNeighbours(Self.declarations[index]) { caller in
            for type in Self.declarations[index].requests { try await exchange(type, caller) }
        }
    }

    @Test("A request that lacks a member is answered, and so is the next one", arguments: 0..<3)
    func lacking(index: Int) async throws {
        try await withNeighbours(Self.declarations[index]) { caller in
            for type in Self.declarations[index].requests {
                guard case .object(let members) = try Sample(type.subject)["parameters"] else { continue }
                for absent in members.indices {
                    var rest = members
                    rest.remove(at: absent)
                    // Read without it, or refused: the one thing that must not happen is no answer.
                    _ = try await answer(type.subject, .object(rest), caller)
                }
                try await exchange(type, caller)
            }
        }
    }

    /// Sends the sample's parameters with members added; the answer comes back with members added too, and is read.
    private func exchange<Request: ServiceRequest>(_ type: Request.Type, _ caller: NATSTransport) async throws {
        let sample = try Sample(Request.subject)
        let envelope = try await answer(Request.subject, sample["parameters"].withExtras, caller)
        #expect(envelope.headers == [], "\(Request.subject) was refused")
        let reply = try Request.Reply(jsonBytes: envelope.payload)
        #expect(try JSONParser.parse(JSONWriter.encode(reply)).value == sample["reply"], "\(Request.subject)")
    }

    private func answer(_ subject: String, _ parameters: JSON, _ caller: NATSTransport) async throws -> Envelope {
        let payload = JSONWriter.encode(parameters) + Array("\n{}".utf8)
        return try await caller.request(subject, Envelope(payload: payload), timeout: .seconds(10).slackened)
    }

    /// A service that answers with its samples, members added, when it read what the sample's parameters say.
    private func withNeighbours(
        _ declaration: ServiceDeclaration, _ body: @Sendable (NATSTransport) async throws -> Void
    ) async throws {
        var router = ServiceRouter(declaration, logger: .silent) { _ in nil }
        for type in declaration.requests { register(type, on: &router) }
        try router.requireComplete()
        let prefix = "\(uniqueName())."
        let configuration = NATSConfiguration(
            url: try TestServers.natsURL, stream: "NONE", subjectPrefix: prefix)
        let transports = [0, 1].map { _ in NATSTransport(configuration: configuration, logger: .silent) }
        let (service, caller, complete) = (transports[0], transports[1], router)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for transport in transports { group.addTask { try await transport.run() } }
            group.addTask {
                try await service.serve(
                    complete.subjects, queue: "q", limit: 100, refusal: Envelope(error: .overloaded)
                ) { subject, request in await complete.route(subject, request) }
            }
            try await caller.waitUntilServed(try #require(complete.subjects.first))
            try await body(caller)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func register<Request: ServiceRequest>(_ type: Request.Type, on router: inout ServiceRouter) {
        router.on(type) { request, _ in
            let sample = try Sample(Request.subject)
            let understood = try JSONParser.parse(JSONWriter.encode(request)).value
            guard understood == sample["parameters"] else { throw ServiceError.internal }
            return Answer(encoded: JSONWriter.encode(sample["reply"].withExtras))
        }
    }
}
