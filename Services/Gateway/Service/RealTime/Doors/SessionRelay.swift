import Contracts
import HTTPTypes
import Logging
import Messaging
import NIOCore
import Primitives
import ServiceLifecycle
import SocketServer
import Synchronization

/// Brings the polls and posts of a session to the gateway that holds it, whichever they came to: clients need no
/// balancer that keeps them at one.
///
/// A gateway that is gone is known at once, because nobody listens to its subjects; one that stands still is given up
/// when it has not answered a part of a poll. In both cases the session is unknown from then on, and the client begins
/// anew.
final class SessionRelay: Service {
    /// What is asked of the gateway that holds a session: `session.<gateway>.<operation>`.
    private enum Operation: String, CaseIterable {
        case poll, post, abandon
    }

    /// A poll of another gateway is asked for in parts, so that one that stands still is noticed.
    private static let part = Duration.seconds(10)
    /// How much longer than a part is waited for its answer, and how long for that to a post. A post waits until what it
    /// brought has been taken up.
    private static let grace = Duration.seconds(5)
    private static let postTime = Duration.seconds(30)
    /// Requests in work, of others here and of ours elsewhere; each poll that waits is one.
    private static let limit = 8192

    private let acceptor: SocketAcceptor
    private let id: GatewayID
    private let transport: any Transport
    private let logger: Logger
    private let underWay = Atomic<Int>(0)
    /// Sessions of others whose clients have left without their answer.
    private let left: AsyncStream<String>
    private let leftSource: AsyncStream<String>.Continuation

    init(_ acceptor: SocketAcceptor, _ id: GatewayID, transport: any Transport, logger: Logger) {
        self.acceptor = acceptor
        self.id = id
        self.transport = transport
        self.logger = logger
        // Over the bound a session ends by itself, when its client has not been heard of for long enough.
        (left, leftSource) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1024))
    }

    // MARK: For clients

    /// Of a session of another gateway; this one's own polls wait without a task (`SocketDoors.poll`).
    func poll(_ sessionID: String, tag: String?) async throws(ServiceError) -> EngineIOAnswer {
        // The holder says something at least as often as it pings.
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            let answer = try await ask(.poll, sessionID, tag: tag, timeout: Self.part + Self.grace)
            if let answer { return answer }
        }
        return .refused(.unknownSession)
    }

    func post(_ sessionID: String, _ body: [UInt8]) async throws(ServiceError) -> EngineIOAnswer {
        if acceptor.isOwn(sessionID) { return await acceptor.post(sessionID, body) }
        return try await ask(.post, sessionID, body, timeout: Self.postTime) ?? .refused(.unknownSession)
    }

    /// The session is over: its client has done what ends it.
    func abandon(_ sessionID: String) async {
        if acceptor.isOwn(sessionID) { return acceptor.abandon(sessionID) }
        _ = try? await ask(.abandon, sessionID, timeout: .seconds(2))
    }

    /// The client of a poll has left. Called from event loops, so it only hands over.
    func leave(_ sessionID: String) {
        if acceptor.isOwn(sessionID) { acceptor.abandon(sessionID) } else { leftSource.yield(sessionID) }
    }

    /// - Returns: `nil` when the session has nothing to say yet.
    private func ask(
        _ operation: Operation, _ sessionID: String, tag: String? = nil, _ body: [UInt8] = [], timeout: Duration
    ) async throws(ServiceError) -> EngineIOAnswer? {
        guard let name = SocketAcceptor.name(in: sessionID) else { return .refused(.unknownSession) }
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= Self.limit else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            throw .unavailable
        }
        defer { underWay.wrappingSubtract(1, ordering: .relaxed) }
        do throws(TransportError) {
            let answer = try await transport.request(
                Self.subject(operation, of: name),
                Envelope(
                    headers: [.init("session", sessionID)] + (tag.map { [.init("tag", $0)] } ?? []), payload: body),
                timeout: timeout)
            return try Self.read(answer)
        } catch {
            if error != .noResponders {
                logger.warning("session not reached", metadata: ["gateway": "\(name)", "error": "\(error)"])
            }
            return .refused(.unknownSession)
        }
    }

    // MARK: For other gateways

    /// Answers for this gateway's sessions until told to stop.
    func run() async throws {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await cancelWhenGracefulShutdown {
                    for await sessionID in self.left { await self.abandon(sessionID) }
                }
            }
            group.addTask {
                try await self.transport.serve(
                    Operation.allCases.map { Self.subject($0, of: self.id.description) }, queue: self.id.description,
                    limit: Self.limit, refusal: Self.write(.refused(.unknownSession))
                ) { subject, request in Self.write(await self.answer(subject, request)) }
            }
        }
    }

    private func answer(_ subject: String, _ request: Envelope) async -> EngineIOAnswer? {
        guard let sessionID = request["session"], acceptor.isOwn(sessionID),
            let operation = subject.split(separator: ".").last.flatMap({ Operation(rawValue: String($0)) })
        else { return .refused(.unknownSession) }
        switch operation {
        case .poll:
            return await acceptor.poll(sessionID, tag: request["tag"], patience: .milliseconds(Self.part.milliseconds))
        case .post: return await acceptor.post(sessionID, request.payload)
        case .abandon:
            acceptor.abandon(sessionID)
            return nil
        }
    }

    // MARK: On the wire

    private static func subject(_ operation: Operation, of name: String) -> String {
        "session.\(name).\(operation.rawValue)"
    }

    private static func write(_ answer: EngineIOAnswer?) -> Envelope {
        guard let answer else { return Envelope() }
        return Envelope(
            headers: [.init("status", String(answer.status.code)), .init("content-type", answer.contentType)],
            payload: Array(answer.body.readableBytesView))
    }

    private static func read(_ envelope: Envelope) throws(TransportError) -> EngineIOAnswer? {
        guard let status = envelope["status"] else { return nil }
        guard let code = Int(status), (200...599).contains(code), let type = envelope["content-type"] else {
            throw .failed("no answer that can be read")
        }
        return EngineIOAnswer(
            status: HTTPResponse.Status(code: code), contentType: type, body: ByteBuffer(bytes: envelope.payload))
    }
}
