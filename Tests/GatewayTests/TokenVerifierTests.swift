import Contracts
import JWTKit
import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService

/// Which tokens are believed, and how often auth is asked for keys.
@Suite(.bounded)
struct TokenVerifierTests {
    private let caller = Caller.admin("Zoë")

    private func verify(_ token: String, _ gateway: TestGateway) async -> Result<VerifiedToken, ServiceError> {
        do throws(ServiceError) {
            return .success(try await gateway.service.commands.authenticator.verifier.verify(token))
        } catch {
            return .failure(error)
        }
    }

    private func code(_ token: String, _ gateway: TestGateway) async -> ErrorCode? {
        guard case .failure(let error) = await verify(token, gateway) else { return nil }
        return error.code
    }

    @Test("A token says who calls and when it ends; what was verified once is looked at by the clock each time")
    func good() async throws {
        try await TestGateway.with { gateway in
            let expiry = Timestamp(milliseconds: gateway.now.advanced(bySeconds: 100).seconds * 1000)
            let token = try await gateway.auth.token(for: caller, expiresAt: expiry)
            let keyID = gateway.auth.state.withLock { $0.keys[0].id }
            #expect(
                try await verify(token, gateway).get()
                    == VerifiedToken(caller: caller, expiresAt: expiry, keyID: keyID))
            gateway.pass(seconds: 98)
            #expect(await code(token, gateway) == nil)
            gateway.pass(seconds: 2)
            #expect(await code(token, gateway) == .tokenExpired)
            // Clocks are set back, too.
            gateway.pass(seconds: -10)
            #expect(await code(token, gateway) == nil)
        }
    }

    @Test(
        "A token is refused for each claim that is not ours",
        arguments: [
            { $0.iss = "other" }, { $0.aud = "other" }, { $0.sub = "me" }, { $0.sid = "" }, { $0.role = "admin" },
            { $0.role = "" },
        ] as [@Sendable (inout AccessTokenClaims) -> Void])
    func wrongClaims(change: @Sendable (inout AccessTokenClaims) -> Void) async throws {
        try await TestGateway.with { gateway in
            let token = try await gateway.auth.token(
                for: caller, expiresAt: gateway.now.advanced(bySeconds: 100), change: change)
            #expect(await code(token, gateway) == .unauthenticated)
        }
    }

    @Test(
        "A token that is good for turning on a second factor is good for nothing else",
        arguments: ["second-factor", "x"])
    func mustEnrol(scope: String) async throws {
        try await TestGateway.with { gateway in
            let token = try await gateway.auth.token(
                for: caller, expiresAt: gateway.now.advanced(bySeconds: 100), change: { $0.scope = scope })
            let authenticator = gateway.service.commands.authenticator
            let error = await #expect(throws: ServiceError.self) { try await authenticator.verify(token) }
            #expect(error?.code == .forbidden && error?.detail.contains("/auth/totp") == true)
            let verified = try await authenticator.verify(token, toEnrol: true)
            #expect(verified.caller.userID == caller.userID && verified.caller.role == .regular)
            let open = gateway.service.routes.routes.filter { $0.access != .user && $0.access != .anyone }
            #expect(
                Set(open.map { "\($0.method) \($0.path)" }) == [
                    "POST /api/v1/auth/totp", "POST /api/v1/auth/totp/confirm", "POST /api/v1/auth/logout",
                    "GET /api/v1/users/me",
                ])
        }
    }

    @Test("A token is refused when a character of it is another, and when it names another algorithm or key")
    func forged() async throws {
        try await TestGateway.with { gateway in
            let expiry = gateway.now.advanced(bySeconds: 100)
            let token = try await gateway.auth.token(for: caller, expiresAt: expiry)
            let parts = token.split(separator: ".").map(String.init)
            let known = gateway.auth.state.withLock { $0.keys[0].id }
            let foreign = try await ScriptedAuth.token(for: caller, expiresAt: expiry, ES256PrivateKey(), known)
            func header(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }
            let forgeries = [
                "", ".", "..", "...", parts[0], "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).", foreign,
                "\(token).", "\(header(#"{"alg":"none","kid":"\#(known)"}"#)).\(parts[1]).",
                "\(header(#"{"alg":"HS256","kid":"\#(known)"}"#)).\(parts[1]).\(parts[2])",
                "\(header(#"{"alg":"ES256"}"#)).\(parts[1]).\(parts[2])", String(repeating: "a", count: 5000),
            ]
            for forgery in forgeries { #expect(await code(forgery, gateway) == .unauthenticated, "\(forgery)") }
            for place in stride(from: 0, to: token.utf8.count, by: 7) {
                var bytes = Array(token.utf8)
                bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(await code(String(decoding: bytes, as: UTF8.self), gateway) != nil, "\(place)")
            }
        }
    }

    @Test("A key that was made since is fetched, once however many ask for it, and unknown ones at most once a second")
    func newKey() async throws {
        try await TestGateway.with { gateway in
            let expiry = gateway.now.advanced(bySeconds: 100)
            try await gateway.letKeysAge()
            let before = gateway.auth.asked("auth.keys")
            gateway.auth.addKey()
            let token = try await gateway.auth.token(for: caller, expiresAt: expiry)
            await withDiscardingTaskGroup { group in
                for _ in 0..<20 { group.addTask { #expect(await code(token, gateway) == nil) } }
            }
            #expect(gateway.auth.asked("auth.keys") == before + 1)
            let begun = ContinuousClock.now
            for _ in 0..<20 {
                let foreign = try await ScriptedAuth.token(
                    for: caller, expiresAt: expiry, ES256PrivateKey(), Identifier.make().description)
                #expect(await code(foreign, gateway) == .unauthenticated)
            }
            let seconds = Int((ContinuousClock.now - begun).components.seconds) + 1
            #expect(gateway.auth.asked("auth.keys") <= before + 1 + seconds)
        }
    }

    @Test("While auth does not answer, a token of an unknown key is not called bad; those of known keys are good")
    func authAway() async throws {
        try await TestGateway.with { gateway in
            let expiry = gateway.now.advanced(bySeconds: 100)
            let known = try await gateway.auth.token(for: caller, expiresAt: expiry)
            try await gateway.letKeysAge()
            gateway.auth.addKey()
            let unknown = try await gateway.auth.token(for: caller, expiresAt: expiry)
            gateway.auth.state.withLock { $0.isThere = false }
            #expect(await code(unknown, gateway) == .serviceUnavailable)
            #expect(await code(known, gateway) == nil)
        }
    }

    @Test("A key that auth tells of no more is good for nothing, not even for tokens that were verified before")
    func keyGone() async throws {
        try await TestGateway.with { gateway in
            let token = try await gateway.token(for: caller)
            #expect(await code(token, gateway) == nil)
            let verifier = gateway.service.commands.authenticator.verifier
            gateway.auth.addKey()
            #expect(await verifier.loadKeys())
            #expect(await code(token, gateway) == nil)
            gateway.auth.state.withLock { _ = $0.keys.removeFirst() }
            #expect(await verifier.loadKeys())
            // The front end refreshes, and has a good one.
            #expect(await code(token, gateway) == .tokenExpired)
        }
    }

    @Test("A set that drops all keys known is not taken: theirs go on, and tokens of the new ones are not called bad")
    func allKeysGone() async throws {
        try await TestGateway.with { gateway in
            let verifier = gateway.service.commands.authenticator.verifier
            let token = try await gateway.token(for: caller)
            let former = gateway.auth.state.withLock { $0.keys }
            gateway.auth.state.withLock { $0.keys.removeAll() }
            gateway.auth.addKey()
            #expect(!(await verifier.loadKeys()))
            #expect(verifier.refusesKeys)
            #expect(await code(token, gateway) == nil)
            try await gateway.letKeysAge()
            let forged = try await gateway.auth.token(for: caller, expiresAt: gateway.now.advanced(bySeconds: 100))
            #expect(await code(forged, gateway) == .serviceUnavailable)
            gateway.auth.state.withLock { $0.keys += former }
            #expect(await verifier.loadKeys())
            #expect(!verifier.refusesKeys)
        }
    }
}
