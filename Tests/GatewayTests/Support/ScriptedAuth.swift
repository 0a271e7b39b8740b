import Contracts
package import JWTKit
import MemoryTransport
import Messaging
import Primitives
import Synchronization
import TestKit

@testable import GatewayService

/// An auth service in memory: keys that sign tokens, and what gateways ask for.
final class ScriptedAuth: Sendable {
    struct State {
        /// Answers nobody when false.
        var isThere = true
        /// The keys that it tells of; the last one signs.
        var keys: [(id: String, key: ES256PrivateKey)] = []
        var ended: [Identifier] = []
        var asked: [String] = []
        /// What came with the last refresh and log-out: parameters and body as one text.
        var identity: [String] = []
    }

    let state = Mutex(State())
    /// Passed by each answer to `auth.keys`.
    let keysGate = Gate()
    private let transport: MemoryTransport

    init(transport: MemoryTransport) {
        self.transport = transport
        addKey()
    }

    func asked(_ subject: String) -> Int { state.withLock { $0.asked.filter { $0 == subject }.count } }

    /// From now on tokens are signed with a new key.
    @discardableResult
    func addKey() -> String {
        let id = Identifier.make().description
        state.withLock { $0.keys.append((id, ES256PrivateKey())) }
        return id
    }

    /// An access token as auth makes them.
    /// - Parameter change: falsifies its claims.
    func token(
        for caller: Caller, expiresAt: Timestamp, change: (inout AccessTokenClaims) -> Void = { _ in }
    ) async throws -> String {
        let (id, key) = state.withLock { $0.keys[$0.keys.count - 1] }
        return try await Self.token(for: caller, expiresAt: expiresAt, key, id, change: change)
    }

    /// The same with a key of one's own.
    static func token(
        for caller: Caller, expiresAt: Timestamp, _ key: ES256PrivateKey, _ keyID: String,
        type: String = AccessTokenClaims.type, change: (inout AccessTokenClaims) -> Void = { _ in }
    ) async throws -> String {
        var claims = AccessTokenClaims(caller, expiresAt: expiresAt)
        change(&claims)
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key, kid: JWKIdentifier(string: keyID))
        return try await keys.sign(claims, kid: JWKIdentifier(string: keyID), header: ["typ": .string(type)])
    }

    /// Tells gateways that a session has ended.
    func end(_ caller: Caller, _ reason: SessionEndReason = .loggedOut) async throws {
        let event = Auth.SessionEnded(sessionID: caller.sessionID, userID: caller.userID, reason: reason, at: .now())
        state.withLock { $0.ended.append(caller.sessionID) }
        _ = try await transport.append(
            Auth.SessionEnded.subject, id: Identifier.make().description, Envelope(payload: JSONWriter.encode(event)),
            timeout: .seconds(1).slackened)
    }

    /// Tells gateways that an account is another than its tokens say.
    func change(_ caller: Caller, role: Role, disabled: Bool = false, version: Int = 2) async throws {
        let event = Auth.UserChanged(
            userID: caller.userID, name: caller.name, role: role, disabled: disabled, version: version, at: .now())
        _ = try await transport.append(
            Auth.UserChanged.subject, id: Identifier.make().description, Envelope(payload: JSONWriter.encode(event)),
            timeout: .seconds(1).slackened)
    }

    /// Tells gateways that all sessions of an account are over, up to the one of `caller`.
    func endAll(_ caller: Caller, except: Identifier? = nil, version: Int = 2) async throws {
        let event = Auth.UserChanged(
            userID: caller.userID, name: caller.name, role: caller.role, disabled: false, version: version, at: .now(),
            endedSessions: EndedSessions(through: caller.sessionID, except: except))
        try await tell(Auth.UserChanged.subject, JSONWriter.encode(event))
    }

    /// Tells gateways that a key is good for nothing any more, and signs with another one.
    func revokeKey() async throws {
        let id = state.withLock { $0.keys.removeLast().id }
        addKey()
        try await tell(
            Auth.KeysChanged.subject, JSONWriter.encode(Auth.KeysChanged(revoked: [id], at: .now())))
    }

    func tell(_ subject: String, _ payload: [UInt8]) async throws {
        _ = try await transport.append(
            subject, id: Identifier.make().description, Envelope(payload: payload), timeout: .seconds(1).slackened)
    }

    /// Answers until cancelled.
    func serve() async throws {
        try await transport.serve(
            ["auth.keys", "auth.revocations", "auth.refresh", "auth.logout"], queue: "auth", limit: 100,
            refusal: Envelope(error: .overloaded)
        ) { subject, request in
            self.state.withLock { $0.asked.append(subject) }
            guard self.state.withLock({ $0.isThere }) else { return Envelope(error: .unavailable) }
            if subject == "auth.keys" {
                await self.keysGate.pass()
                return Envelope(payload: JSONWriter.encode(self.keySet))
            }
            if subject == "auth.refresh" || subject == "auth.logout" { return self.identity(subject, request) }
            return Envelope(
                payload: JSONWriter.encode(RevocationList(sessions: self.state.withLock { $0.ended }, users: [])))
        }
    }

    /// Answers a refresh with the token `next`, and a log-out with the session of its caller.
    private func identity(_ subject: String, _ request: Envelope) -> Envelope {
        state.withLock { $0.identity.append(String(decoding: request.payload, as: UTF8.self)) }
        let caller = request["caller"].flatMap { Caller(headerValue: $0) }
        guard subject == "auth.refresh" else {
            return Envelope(payload: JSONWriter.encode(LoggedOut(sessions: caller.map { [$0.sessionID] } ?? [])))
        }
        let user = User(
            id: .make(), name: "Ann", email: "a@example.com", role: .regular, disabled: false, createdAt: .now())
        return Envelope(
            payload: JSONWriter.encode(
                SignedIn(
                    user: user, accessToken: "a.b.c", expiresIn: 900, refreshToken: "next", refreshExpiresIn: 1000,
                    deliversInBody: false)))
    }

    private var keySet: KeySet {
        KeySet(
            keys: state.withLock { $0.keys }.map { id, key in
                let point = key.publicKey.parameters
                return .object([
                    JSONMember("kty", .string("EC")), JSONMember("crv", .string("P-256")),
                    JSONMember("alg", .string("ES256")), JSONMember("kid", .string(id)),
                    JSONMember("x", .string(Self.url(point?.x))), JSONMember("y", .string(Self.url(point?.y))),
                ])
            })
    }

    private static func url(_ base64: String?) -> String {
        (base64 ?? "").replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension AccessTokenClaims: JWTPayload {
    init(_ caller: Caller, expiresAt: Timestamp) {
        self.init(
            sub: caller.userID.description, sid: caller.sessionID.description, role: caller.role.rawValue,
            name: caller.name, iat: expiresAt.seconds - 900, exp: expiresAt.seconds,
            jti: Identifier.make().description)
    }

    package func verify(using algorithm: some JWTAlgorithm) {}
}
