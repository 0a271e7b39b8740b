import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct SessionTests {
    private func change(_ auth: AuthFixture, _ user: SignedIn, _ current: String, _ new: String) async throws {
        _ = try await ChangePassword(store: auth.store, hasher: auth.hasher, protection: auth.protection).handle(
            Auth.ChangePassword(body: Array(#"{"currentPassword":"\#(current)","newPassword":"\#(new)"}"#.utf8)),
            try await auth.context(user))
    }

    private func end(_ auth: AuthFixture, _ id: Identifier, by user: SignedIn) async throws {
        _ = try await EndSession(store: auth.store).handle(Auth.EndSession(sessionID: id), try await auth.context(user))
    }

    @Test("Sessions are listed newest first, with the one asking marked")
    func list() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.logIn(first.user.email)
            let items = try await auth.sessions(second)
            #expect(
                items.map(\.id) == [try await auth.caller(second).sessionID, try await auth.caller(first).sessionID])
            #expect(items.map(\.current) == [true, false])
        }
    }

    @Test("Logging out ends this session and no other, once")
    func logOut() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.logIn(first.user.email)
            for _ in 0..<2 {
                let about = try await auth.logOut(nil, as: second).sessions
                #expect(about == [try await auth.caller(second).sessionID])
            }
            let ended = try await auth.ended()
            #expect(ended.map(\.reason) == [.loggedOut])
            #expect(ended.first?.sessionID == (try await auth.caller(second).sessionID))
            #expect(try await auth.events().map(\.key) == [first.user.id])
            #expect(try await refusal { try await auth.refresh(second.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await refusal { try await auth.me(second) }.code == .unauthenticated)
            #expect(try await auth.sessions(first).count == 1)
        }
    }

    @Test("One of the own sessions is ended; another's, an unknown and an ended one are not found")
    func endOne() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.logIn(first.user.email)
            let stranger = try await auth.register()
            let id = try await auth.caller(second).sessionID
            #expect(try await refusal { try await end(auth, id, by: stranger) }.code == .notFound)
            #expect(try await refusal { try await end(auth, .make(), by: first) }.code == .notFound)
            try await end(auth, id, by: first)
            #expect(try await refusal { try await end(auth, id, by: first) }.code == .notFound)
            #expect(try await auth.ended().map(\.reason) == [.revoked])
        }
    }

    @Test("Changing the password ends all other sessions and keeps this one")
    func password() async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register()
            let second = try await auth.logIn(first.user.email)
            let third = try await auth.logIn(first.user.email)
            try await change(auth, second, AuthFixture.password, "another one")
            let others = [try await auth.caller(first).sessionID, try await auth.caller(third).sessionID]
            #expect(Set(try await auth.ended().map(\.sessionID)) == Set(others))
            _ = try await auth.refresh(second.refreshToken)
            #expect(try await refusal { try await auth.refresh(first.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await refusal { try await auth.logIn(first.user.email) }.code == .invalidCredentials)
            _ = try await auth.logIn(first.user.email, "another one")
            let change = try #require(try await auth.changed().first)
            #expect(others.allSatisfy { change.endedSessions?.contain($0) == true })
            #expect(change.endedSessions?.contain(try await auth.caller(second).sessionID) == false)
        }
    }

    @Test("A wrong current password is a fault of that field and changes nothing")
    func wrongCurrent() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let error = await #expect(throws: ServiceError.self) {
                try await change(auth, user, "wrong", "another one")
            }
            #expect(error?.code == .validationFailed && error?.faults.map(\.field) == ["currentPassword"])
            _ = try await auth.logIn(user.user.email)
        }
    }

    @Test("Of two who change a password at the same moment one is told that it is not the current one any more")
    func passwordRace() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        try await refusalIfAny {
                            try await change(auth, user, AuthFixture.password, "another \(number)")
                        }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .validationFailed } == 3)
        }
    }

    @Test("Gateways are told which sessions ended while their tokens may live")
    func revocations() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            let id = try await auth.caller(user).sessionID
            _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            auth.clock.advance(bySeconds: AuthFixture.lifetimes.accessToken + 59)
            let list = try await ListRevocations(store: auth.store).handle(
                Auth.Revocations(), auth.context()
            ).read()
            #expect(list.sessions == [id])
            #expect(list.users.map(\.userID) == [user.user.id] && list.users.first?.disabled == true)
            #expect(list.users.first?.version == 2 && list.users.first?.endedSessions?.contain(id) == true)
            auth.clock.advance(bySeconds: 1)
            let later = try await ListRevocations(store: auth.store).handle(
                Auth.Revocations(), auth.context()
            ).read()
            #expect(later == RevocationList(sessions: [], users: []))
        }
    }
}
