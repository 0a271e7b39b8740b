import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct AccountTests {
    private func patch(_ auth: AuthFixture, _ user: SignedIn, _ json: String) async throws -> User {
        try await UpdateMe(store: auth.store, hasher: auth.hasher, protection: auth.protection)
            .handle(Auth.UpdateMe(body: Array(json.utf8)), try await auth.context(user)).read()
    }

    private func email(_ email: String, password: String = AuthFixture.password) -> String {
        #"{"email":"\#(email)","currentPassword":"\#(password)"}"#
    }

    @Test("Another address needs the password, and what changes no address does not")
    func emailNeedsPassword() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "ann@example.com")
            let none = try await refusal { try await patch(auth, user, #"{"email":"new@example.com"}"#) }
            #expect(none.code == .validationFailed && none.faults.map(\.field) == ["currentPassword"])
            #expect(none.faults.map(\.code) == ["required"])
            let wrong = try await refusal { try await patch(auth, user, email("new@example.com", password: "wrong")) }
            #expect(wrong == PasswordChange.wrongCurrent)
            #expect(try await auth.me(user).email == "ann@example.com")
            _ = try await patch(auth, user, #"{"email":"ann@example.com","name":"Beth"}"#)
            _ = try await patch(auth, user, #"{"name":"Carla","currentPassword":"wrong"}"#)
            #expect(try await patch(auth, user, email("new@example.com")).email == "new@example.com")
        }
    }

    @Test("A password that is changed while it is compared changes no address")
    func emailRace() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "ann@example.com")
            let context = try await auth.context(user)
            let caller = try context.requireCaller()
            let version = try await auth.store.password(of: caller).version
            _ = try await auth.store.database.withConnection {
                try $0.execute("update users set password_version = password_version + 1")
            }
            let error = try await refusal {
                _ = try await auth.store.change(
                    caller.userID, by: caller, asAdmin: false, passwordVersion: version, context: context
                ) { account in
                    let before = account
                    account.email = "thief@example.com"
                    return AccountChange(from: before, to: account)
                }
            }
            #expect(error == PasswordChange.wrongCurrent)
            #expect(try await auth.me(user).email == "ann@example.com")
        }
    }

    @Test("People change their name and address, and other services are told of the name")
    func profile() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            #expect(try await patch(auth, user, email("new@example.com")).email == "new@example.com")
            #expect(try await auth.events().isEmpty)
            #expect(try await patch(auth, user, #"{"name":"Beth"}"#).name == "Beth")
            let changed = try await auth.changed()
            #expect(changed.map(\.name) == ["Beth"] && changed.map(\.version) == [3])
            #expect(try await auth.me(user).name == "Beth")
            _ = try await auth.logIn("NEW@example.com")
        }
    }

    @Test("What changes nothing has no event and no new version")
    func nothing() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(name: "Ann")
            _ = try await patch(auth, user, #"{"name":"Ann"}"#)
            #expect(try await auth.count("select version from users") == 1)
            #expect(try await auth.events().isEmpty)
        }
    }

    @Test("An address that another has is refused; one's own in another case is not")
    func email() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "ann@example.com")
            _ = try await auth.register(email: "beth@example.com")
            #expect(
                try await refusal { try await patch(auth, user, email("BETH@example.com")) }.code == .emailTaken)
            #expect(try await patch(auth, user, email("ANN@example.com")).email == "ANN@example.com")
        }
    }

    @Test("Only Admins see and change accounts")
    func adminsOnly() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            #expect(try await refusal { try await auth.users([:], by: user) }.code == .forbidden)
            #expect(
                try await refusal { try await auth.update(user.user.id, #"{"role":"Admin"}"#, by: user) }.code
                    == .forbidden)
            #expect(try await refusal { try await auth.delete(user.user.id, by: user) }.code == .forbidden)
            let get = GetUser(store: auth.store)
            let context = try await auth.context(user)
            #expect(
                try await refusal { try await get.handle(Auth.GetUser(userID: user.user.id), context) }.code
                    == .forbidden)
        }
    }

    @Test("A token that still says Admin gives no power after the demotion")
    func demoted() async throws {
        try await AuthFixture.with { auth in
            let (first, second) = (try await auth.admin(), try await auth.admin())
            _ = try await auth.update(second.user.id, #"{"role":"Regular"}"#, by: first)
            #expect(try await refusal { try await auth.users([:], by: second) }.code == .forbidden)
            #expect(
                try await refusal { try await auth.update(first.user.id, #"{"disabled":true}"#, by: second) }.code
                    == .forbidden)
            _ = try await auth.update(second.user.id, #"{"disabled":true}"#, by: first)
            #expect(try await refusal { try await auth.users([:], by: second) }.code == .unauthenticated)
        }
    }

    @Test("Of two Admins who demote each other at the same moment one stays")
    func mutualDemotion() async throws {
        try await AuthFixture.with { auth in
            for _ in 0..<5 {
                let (first, second) = (try await auth.admin(), try await auth.admin())
                let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                    for (admin, other) in [(first, second), (second, first)] {
                        group.addTask {
                            try await refusalIfAny {
                                try await auth.update(other.user.id, #"{"role":"Regular"}"#, by: admin)
                            }?.code
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .forbidden } == 1)
            }
        }
    }

    @Test("An Admin cannot demote, disable or delete themself")
    func selfChange() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            for json in [#"{"role":"Regular"}"#, #"{"disabled":true}"#] {
                #expect(
                    try await refusal { try await auth.update(admin.user.id, json, by: admin) }.code
                        == .forbiddenSelfChange)
            }
            #expect(try await refusal { try await auth.delete(admin.user.id, by: admin) }.code == .forbiddenSelfChange)
            #expect(
                try await auth.update(admin.user.id, #"{"role":"Admin","disabled":false}"#, by: admin).role == .admin)
        }
    }

    @Test("Disabling ends all sessions and tells the other services")
    func disable() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            let second = try await auth.logIn(user.user.email)
            #expect(try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin).disabled)
            #expect(try await auth.events().count == 1)
            let change = try #require(try await auth.changed().first)
            let ids = [try await auth.caller(user).sessionID, try await auth.caller(second).sessionID]
            #expect(change.disabled && ids.allSatisfy { change.endedSessions?.contain($0) == true })
            #expect(try await auth.events().allSatisfy { $0.key == user.user.id })
            #expect(try await refusal { try await auth.me(user) }.code == .unauthenticated)
        }
    }

    @Test("Deleting erases the person, and a second time changes nothing")
    func delete() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(
                name: "Vera", email: "vera@example.com", device: "Firefox/1", from: "198.51.100.7")
            let admin = try await auth.admin()
            try await auth.delete(user.user.id, by: admin)
            try await auth.delete(user.user.id, by: admin)
            let get = GetUser(store: auth.store)
            let gone = try await get.handle(Auth.GetUser(userID: user.user.id), try await auth.context(admin)).read()
            #expect(gone.name == "Deleted user" && gone.email == nil && gone.disabled)
            #expect(try await auth.changed().map(\.name) == ["Deleted user"])
            #expect(try await auth.events().count == 1)
            #expect(try await refusal { try await auth.logIn("vera@example.com") }.code == .invalidCredentials)
            #expect(try await refusal { try await auth.me(user) }.code == .unauthenticated)
            #expect(try await auth.users(["q": "vera"], by: admin).items.isEmpty)
            let left: Int = try await auth.count(
                """
                select count(*) from users u left join sessions s on s.user_id = u.id
                where concat(u, s) ~* 'vera|firefox|198.51.100'
                """
            )
            #expect(left == 0)
            _ = try await auth.register(email: "vera@example.com")
        }
    }

    @Test("Somebody unknown or deleted cannot be changed")
    func unknown() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            #expect(
                try await refusal { try await auth.update(.make(), #"{"disabled":true}"#, by: admin) }.code == .notFound
            )
            #expect(try await refusal { try await auth.delete(.make(), by: admin) }.code == .notFound)
            try await auth.delete(user.user.id, by: admin)
            #expect(
                try await refusal { try await auth.update(user.user.id, #"{"disabled":false}"#, by: admin) }.code
                    == .notFound)
        }
    }
}
