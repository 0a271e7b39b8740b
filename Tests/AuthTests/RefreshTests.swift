import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct RefreshTests {
    @Test("A refresh token is exchanged for a new pair of the same session")
    func rotate() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            auth.clock.advance(bySeconds: 60)
            let second = try await auth.refresh(first.refreshToken)
            #expect(second.refreshToken != first.refreshToken && second.deliversInBody)
            #expect(try await auth.caller(second) == auth.caller(first))
            #expect(try await auth.claims(second).jti != auth.claims(first).jti)
            let session = try #require(try await auth.sessions(second).first)
            #expect(session.lastSeenAt == auth.clock.now && session.createdAt < session.lastSeenAt)
            _ = try await auth.refresh(second.refreshToken)
        }
    }

    @Test("A token from the cookie is answered for the cookie")
    func cookie() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let answer = try await RefreshSession(store: auth.store, tokens: auth.tokens)
                .handle(Auth.Refresh(cookie: first.refreshToken, body: []), auth.context()).read()
            #expect(!answer.deliversInBody)
        }
    }

    @Test("A token that comes again after its grace ends the session, its successors with it")
    func reuse() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.refresh(first.refreshToken)
            auth.clock.advance(bySeconds: AuthFixture.grace)
            #expect(try await refusal { try await auth.refresh(first.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await refusal { try await auth.refresh(second.refreshToken) }.code == .invalidRefreshToken)
            let ended = try await auth.ended()
            #expect(ended.map(\.reason) == [.revoked] && ended.map(\.userID) == [first.user.id])
            #expect(try await refusal { try await auth.me(second) }.code == .unauthenticated)
        }
    }

    @Test("Without a grace, of those who present one token at the same moment one gets a pair, and the session ends")
    func race() async throws {
        let lifetimes = Lifetimes(accessToken: 900, refreshToken: 86_400, refreshGrace: .zero)
        try await AuthFixture.with(lifetimes: lifetimes) { auth in
            for _ in 0..<5 {
                let first = try await auth.register()
                let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                    for _ in 0..<4 {
                        group.addTask { try await refusalIfAny { try await auth.refresh(first.refreshToken) }?.code }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .invalidRefreshToken } == 3)
                #expect(try await auth.ended().count { $0.userID == first.user.id } == 1)
            }
        }
    }

    @Test("An unknown token is refused", arguments: ["nonsense", "", "😀"])
    func unknown(_ token: String) async throws {
        try await AuthFixture.with { auth in
            let code = try await refusal { try await auth.refresh(token) }.code
            #expect(code == .invalidRefreshToken)
        }
    }

    @Test("A token that is never used expires, and one that is used moves the end on")
    func expiry() async throws {
        try await AuthFixture.with { auth in
            let idle = try await auth.register()
            var busy = try await auth.register()
            auth.clock.advance(bySeconds: AuthFixture.lifetimes.refreshToken - 1)
            busy = try await auth.refresh(busy.refreshToken)
            auth.clock.advance(bySeconds: 1)
            #expect(try await refusal { try await auth.refresh(idle.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await auth.sessions(busy).count == 1)
            busy = try await auth.refresh(busy.refreshToken)
            #expect(try await auth.events().isEmpty)
        }
    }

    @Test("A disabled account is not refreshed, and its session was ended")
    func disabled() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            #expect(try await refusal { try await auth.refresh(user.refreshToken) }.code == .invalidRefreshToken)
            _ = try await auth.update(user.user.id, #"{"disabled":false}"#, by: admin)
            #expect(try await refusal { try await auth.refresh(user.refreshToken) }.code == .invalidRefreshToken)
            _ = try await auth.logIn(user.user.email)
        }
    }

    @Test("A change of role keeps the session, and the next token has the new role")
    func role() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            _ = try await auth.update(user.user.id, #"{"role":"Admin"}"#, by: admin)
            let refreshed = try await auth.refresh(user.refreshToken)
            #expect(refreshed.user.role == .admin)
            #expect(try await auth.claims(refreshed).role == "Admin")
            #expect(try await auth.ended().isEmpty)
        }
    }
}
