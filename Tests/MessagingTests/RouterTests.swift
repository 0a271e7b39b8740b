import Logging
import MemoryTransport
import Primitives
import Synchronization
import TestKit
import Testing

@testable import Messaging

@Suite(.bounded)
struct RouterTests {
    private static let declaration = ServiceDeclaration(name: "test", requests: [Relay.self], events: [])

    private func router(_ declaration: ServiceDeclaration = declaration) -> ServiceRouter {
        ServiceRouter(declaration, logger: .silent) { error in
            error is Known ? .unavailable : nil
        }
    }

    private struct Known: Error {}
    private struct Unknown: Error {}

    private func route(
        _ envelope: Envelope? = nil, subject: String = Relay.subject,
        _ handler: @escaping @Sendable (Relay, CallContext) async throws -> Answer<Echo>
    ) async -> Envelope {
        var router = router()
        router.on(Relay.self, handler)
        return await router.route(subject, envelope ?? Envelope(payload: Relay(name: "a", body: []).encoded))
    }

    private func code(_ envelope: Envelope) -> ErrorCode? {
        envelope["error"] == nil ? nil : (try? ServiceError(jsonBytes: envelope.payload))?.code
    }

    @Test("A service with a declared request unhandled, or one handled and not declared, does not start")
    func completeness() throws {
        #expect(throws: RouterError(missing: ["test.relay"], undeclared: [])) { try router().requireComplete() }
        var stray = router(ServiceDeclaration(name: "test", requests: [], events: []))
        stray.on(Relay.self) { request, _ in Answer(Echo(request.name)) }
        #expect(throws: RouterError(missing: [], undeclared: ["test.relay"])) { try stray.requireComplete() }
        var whole = router()
        whole.on(Relay.self) { request, _ in Answer(Echo(request.name)) }
        try whole.requireComplete()
    }

    @Test("A handler gets the request and the caller, and its answer goes out with its facts")
    func answer() async throws {
        let reply = await route { request, _ in Answer(Echo(request.name), metadata: AnswerMetadata(version: 3)) }
        #expect(code(reply) == nil)
        #expect(try Echo(jsonBytes: reply.payload) == Echo("a"))
        #expect(reply["version"] == "3")
    }

    @Test("What a handler throws becomes the client's error: its own, a translated one, or internal")
    func errors() async {
        #expect(code(await route { _, _ in throw ServiceError.notFound("x") }) == .notFound)
        #expect(code(await route { _, _ in throw Known() }) == .serviceUnavailable)
        #expect(code(await route { _, _ in throw Unknown() }) == .internal)
    }

    @Test("Requests that cannot be read, of an unknown subject or with an unreadable caller are answered internal")
    func unreadable() async {
        let never: @Sendable (Relay, CallContext) async throws -> Answer<Echo> = { _, _ in
            Issue.record("handled")
            return Answer(Echo(""))
        }
        #expect(code(await route(Envelope(payload: Array("{}".utf8)), never)) == .internal)
        #expect(code(await route(subject: "test.other", never)) == .internal)
        let headers = [Envelope.Header("caller", "nobody")]
        #expect(
            code(await route(Envelope(headers: headers, payload: Relay(name: "a", body: []).encoded), never))
                == .internal)
    }

    @Test("What is dropped because it came too late is counted")
    func lateRequests() async {
        let router = router()
        let late = CallContext(requestID: "r", deadline: .now - .seconds(1))
        #expect(router.late.total == 0)
        for _ in 0..<3 { _ = await router.route(Relay.subject, Envelope(headers: late.headers)) }
        #expect(router.late.total == 0, "a subject that nobody handles is no late request")
        var whole = router
        whole.on(Relay.self) { request, _ in Answer(Echo(request.name)) }
        for _ in 0..<3 { _ = await whole.route(Relay.subject, Envelope(headers: late.headers)) }
        #expect(whole.late.total == 3)
    }

    @Test("A request whose deadline has passed is dropped before its handler, one in time is not")
    func deadline() async {
        func ask(_ deadline: ContinuousClock.Instant) async -> ErrorCode? {
            let context = CallContext(requestID: "r", deadline: deadline)
            let envelope = Envelope(headers: context.headers, payload: Relay(name: "a", body: []).encoded)
            return code(
                await route(envelope) { request, _ in
                    Answer(Echo(request.name))
                })
        }
        #expect(await ask(.now - .seconds(1)) == .upstreamTimeout)
        #expect(await ask(.now) == .upstreamTimeout)
        #expect(await ask(.now + .seconds(60)) == nil)
    }
}

@Suite(.bounded)
struct MessageBusTests {
    /// Answered in time, or never: how long that is, is not tested.
    private struct Quick: ServiceRequest {
        typealias Reply = Echo
        static let subject = "test.quick"
        static let timeout = Duration.milliseconds(500).slackened

        init() {}
        init(json: JSON) {}
        func write(to writer: inout JSONWriter) { writer.object { _ in } }
    }

    private func code(_ transport: MemoryTransport) async -> ErrorCode? {
        do {
            _ = try await MessageBus(transport: transport).call(Quick(), context: .background())
            return nil
        } catch {
            return error.code
        }
    }

    /// Serves until `body` returns.
    private func serving(
        _ hub: MemoryHub, _ answer: @escaping @Sendable (Envelope) async -> Envelope,
        _ body: (MemoryTransport) async throws -> Void
    ) async throws {
        let server = MemoryTransport(hub: hub)
        let client = MemoryTransport(hub: hub)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.serve(
                    ["test.quick"], queue: "test", limit: 8, refusal: Envelope(error: .overloaded)
                ) { _, request in await answer(request) }
            }
            try await eventually("it serves") { hub.isServed("test.quick") }
            try await body(client)
            group.cancelAll()
        }
    }

    @Test("With nobody serving, or the link down, the answer is service-unavailable at once")
    func nobody() async {
        let transport = MemoryTransport(hub: MemoryHub())
        #expect(await code(transport) == .serviceUnavailable)
        transport.setLink(up: false)
        #expect(await code(transport) == .serviceUnavailable)
    }

    @Test("An answer that does not come in time is upstream-timeout")
    func timeout() async throws {
        let door = Door()
        try await serving(MemoryHub()) { _ in
            await door.wait()
            return Envelope()
        } _: { client in
            #expect(await code(client) == .upstreamTimeout)
            door.open()
        }
    }

    @Test("A service's error arrives as it is, an unreadable answer is internal, a good one is read")
    func answers() async throws {
        let reply = Mutex(Envelope(error: ServiceError(.roomClosed, "closed")))
        try await serving(MemoryHub()) { request in
            #expect(request["time-left"] != nil && request["request-id"] != nil)
            return reply.withLock { $0 }
        } _: { client in
            #expect(await code(client) == .roomClosed)
            reply.withLock { $0 = Envelope(payload: Array("{}".utf8)) }
            #expect(await code(client) == .internal)
            reply.withLock { $0 = Envelope(headers: [.init("error", "1")], payload: Array("{}".utf8)) }
            #expect(await code(client) == .internal)
            reply.withLock { $0 = Envelope(payload: JSONWriter.encode(Echo("hi"))) }
            #expect(await code(client) == nil)
        }
    }
}
