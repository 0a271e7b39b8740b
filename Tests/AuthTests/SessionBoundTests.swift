import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// How many sessions there are, how long they live, and how all of them end.
@Suite(.bounded)
struct SessionBoundTests {
    // MARK: How many

    @Test("The oldest session ends when there are more than 50, and its gateways are told")
    func most() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            var sessions = [first]
            for _ in 1..<SessionStatements.most { sessions.append(try await auth.logIn(first.user.email)) }
            #expect(try await auth.me(first).id == first.user.id)
            #expect(try await auth.events().isEmpty)
            let last = try await auth.logIn(first.user.email)
            let ended = try await auth.ended()
            #expect(ended.map(\.sessionID) == [try await auth.caller(first).sessionID])
            #expect(ended.map(\.reason) == [.revoked])
            #expect(try await refusal { try await auth.me(first) }.code == .unauthenticated)
            #expect(try await refusal { try await auth.refresh(first.refreshToken) }.code == .invalidRefreshToken)
            for session in [sessions[1], last] { _ = try await auth.refresh(session.refreshToken) }
            #expect(try await auth.live(first) == SessionStatements.most)
        }
    }

    @Test("However many sign in at once, no more than 50 sessions are live")
    func race() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            try await auth.addSessions(48, to: first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { _ = try await auth.logIn(first.user.email) } }
                try await group.waitForAll()
            }
            #expect(try await auth.live(first) == SessionStatements.most)
            #expect(try await auth.ended().count == 5)
        }
    }

    @Test("An account from before there was a bound keeps its newest 50 sessions at its next sign-in")
    func fromBefore() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            try await auth.addSessions(300, to: first)
            let last = try await auth.logIn(first.user.email)
            #expect(try await auth.live(first) == SessionStatements.most)
            #expect(try await auth.sessions(last).first?.current == true)
            let told = try #require(try await auth.changed().first?.endedSessions)
            #expect(!told.contain(try await auth.caller(last).sessionID))
            #expect(try await auth.events().count == SessionStatements.most + 1)
        }
    }

    // MARK: How long

    @Test("A session is over after its longest life however often it is refreshed, and its tokens with it")
    func maximum() async throws {
        let lifetimes = Lifetimes(accessToken: 900, refreshToken: 3600, session: 7200)
        try await AuthFixture.with(lifetimes: lifetimes) { auth in
            var user = try await auth.register()
            #expect(user.refreshExpiresIn == 3600 && user.expiresIn == 900)
            auth.clock.advance(bySeconds: 3000)
            user = try await auth.refresh(user.refreshToken)
            auth.clock.advance(bySeconds: 3000)
            user = try await auth.refresh(user.refreshToken)
            #expect(user.refreshExpiresIn == 1200 && user.expiresIn == 900)
            auth.clock.advance(bySeconds: 1000)
            user = try await auth.refresh(user.refreshToken)
            let claims = try await auth.claims(user)
            #expect(user.expiresIn == 200 && claims.exp - claims.iat == 200)
            auth.clock.advance(bySeconds: 200)
            #expect(try await refusal { try await auth.refresh(user.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await auth.live(user) == 0)
        }
    }

    // MARK: All of them

    enum Way: CaseIterable { case disable, delete, password, admin }

    @Test("60,000 sessions of an account end by one row and few events, within seconds", arguments: Way.allCases)
    func many(way: Way) async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            try await auth.addSessions(60_000, to: user)
            let before = try await auth.events().count
            let begun = ContinuousClock.now
            switch way {
            case .disable: _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            case .delete: try await auth.delete(user.user.id, by: admin)
            case .password: try await auth.changePassword(of: user)
            case .admin: try await auth.endSessions(of: user.user.id, by: admin)
            }
            // Below the five seconds that a gateway waits.
            #expect(ContinuousClock.now - begun < .seconds(4).slackened)
            let told = try await auth.events().count - before
            switch way {
            case .disable, .delete: #expect(told == 1)
            case .password, .admin: #expect(told <= SessionStatements.most + 1)
            }
            let ended = try #require(try await auth.changed().last?.endedSessions)
            #expect(ended.contain(try await auth.caller(user).sessionID) == (way != .password))
            #expect(try await auth.live(user) == (way == .password ? 1 : 0))
            let list = try await ListRevocations(store: auth.store).handle(Auth.Revocations(), auth.context()).read()
            #expect(list.users.first { $0.userID == user.user.id }?.endedSessions == ended && list.next == nil)
        }
    }

    @Test("An Admin ends all sessions of a user, who may sign in again; others are refused and strangers not found")
    func byAdmin() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            #expect(try await refusal { try await auth.endSessions(of: user.user.id, by: user) }.code == .forbidden)
            #expect(try await refusal { try await auth.endSessions(of: .make(), by: admin) }.code == .notFound)
            for _ in 0..<2 { try await auth.endSessions(of: user.user.id, by: admin) }
            #expect(try await refusal { try await auth.me(user) }.code == .unauthenticated)
            #expect(try await refusal { try await auth.refresh(user.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await auth.ended().map(\.reason) == [.revoked])
            let again = try await auth.logIn(user.user.email)
            let told = try #require(try await auth.changed().last)
            #expect(told.endedSessions?.contain(try await auth.caller(again).sessionID) == false)
            #expect(told.version == 3)
            _ = try await auth.refresh(again.refreshToken)
            try await auth.endSessions(of: admin.user.id, by: admin)
            #expect(try await refusal { try await auth.me(admin) }.code == .unauthenticated)
        }
    }

    @Test("A session that was ended with others does not come back when the account is enabled or another one ends")
    func staysEnded() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            let kept = try await auth.logIn(user.user.email)
            try await auth.changePassword(of: kept)
            let other = try await auth.logIn(user.user.email, "another one")
            try await auth.changePassword(of: other, "another one", to: "the third one")
            #expect(try await refusal { try await auth.me(kept) }.code == .unauthenticated)
            _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            _ = try await auth.update(user.user.id, #"{"disabled":false}"#, by: admin)
            for session in [user, kept, other] {
                #expect(try await refusal { try await auth.me(session) }.code == .unauthenticated)
                #expect(try await refusal { try await auth.refresh(session.refreshToken) }.code == .invalidRefreshToken)
            }
            #expect(try await auth.live(user) == 0)
        }
    }

    @Test("A replica whose clock is behind begins a session that is not among those that ended before")
    func clocks() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            // Ended by a replica that is an hour ahead.
            var generator = SystemRandomNumberGenerator()
            let ahead = Identifier(at: Timestamp.now().advanced(bySeconds: 3600), using: &generator)
            try await auth.store.database.withConnection { session in
                _ = try session.execute("update users set sessions_ended_through = \(ahead)")
            }
            #expect(try await refusal { try await auth.me(user) }.code == .unauthenticated)
            let again = try await auth.logIn(user.user.email)
            #expect(try await auth.me(again).id == user.user.id)
        }
    }

    // MARK: Log-out and addresses

    @Test("A refresh token is enough to log out, used up as well; an unknown one is refused")
    func logOut() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let id = try await auth.caller(user).sessionID
            let next = try await auth.refresh(user.refreshToken)
            #expect(try await auth.logOut(user.refreshToken).sessions == [id])
            #expect(try await auth.logOut(next.refreshToken).sessions == [id])
            #expect(try await auth.ended().map(\.reason) == [.loggedOut])
            #expect(try await refusal { try await auth.me(next) }.code == .unauthenticated)
            #expect(try await refusal { _ = try await auth.logOut("nonsense") }.code == .invalidRefreshToken)
            #expect(try await refusal { _ = try await auth.logOut(nil) }.code == .unauthenticated)
        }
    }

    @Test("Who brings both tokens of different sessions ends both")
    func logOutOfBoth() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.logIn(first.user.email)
            let ids = [try await auth.caller(first).sessionID, try await auth.caller(second).sessionID]
            #expect(try await auth.logOut(second.refreshToken, as: first).sessions == ids)
            #expect(try await auth.live(first) == 0)
        }
    }

    @Test("A session tells where its client was last, if that is known")
    func addresses() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(from: "192.0.2.1")
            #expect(try await auth.sessions(user).map(\.address) == ["192.0.2.1"])
            let next = try await auth.refresh(user.refreshToken, from: "2001:db8::7")
            #expect(try await auth.sessions(next).map(\.address) == ["2001:db8::7"])
            _ = try await auth.refresh(next.refreshToken)
            #expect(try await auth.sessions(next).map(\.address) == ["2001:db8::7"])
            #expect(
                try await auth.sessions(try await auth.logIn(user.user.email)).map(\.address) == [nil, "2001:db8::7"])
        }
    }
}

extension AuthFixture {
    /// Live sessions of an account, as the database has them.
    fileprivate func live(_ user: SignedIn) async throws -> Int {
        try await count(
            """
            select count(*) from sessions s join users u on u.id = s.user_id
            where u.id = \(user.user.id) and \(sql: SessionStatements.isLive) and s.expires_at > \(clock.now)
            """)
    }

    /// Sessions that were begun before now, each later than the one before.
    fileprivate func addSessions(_ count: Int, to user: SignedIn) async throws {
        let now = clock.now
        // Version 7: milliseconds of the time, and a number.
        let milliseconds = Timestamp.now().milliseconds - Int64(count)
        try await store.database.withConnection { session in
            _ = try session.execute(
                """
                insert into sessions (id, user_id, device, created_at, last_seen_at, expires_at)
                select (lpad(to_hex(\(milliseconds)::bigint + n), 12, '0') || '7000' || left(md5(n::text), 16))::uuid,
                    \(user.user.id), 'Firefox', \(now), \(now), \(now.advanced(bySeconds: 3600))
                from generate_series(1, \(count)) n
                """)
        }
    }
}
