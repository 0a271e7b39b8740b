import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct SignInTests {
    @Test("Registering makes a Regular account and a session whose token says so")
    func register() async throws {
        try await AuthFixture.with { auth in
            let answer = try await RegisterAccount(
                store: auth.store, hasher: auth.hasher, tokens: auth.tokens, protection: auth.protection
            ).handle(
                Auth.Register(
                    body: Array(#"{"name":"Ann","email":"Ann@Example.com","password":"correct horse"}"#.utf8)),
                auth.context())
            #expect(answer.metadata.isCreated)
            let signedIn = try answer.read()
            #expect(
                signedIn.user.role == .regular && signedIn.user.email == "Ann@Example.com" && !signedIn.deliversInBody)
            #expect(signedIn.expiresIn == 900 && signedIn.refreshExpiresIn == 86_400)
            let claims = try await auth.claims(signedIn)
            #expect(claims.sub == signedIn.user.id.description && claims.role == "Regular" && claims.name == "Ann")
            #expect(try await auth.me(signedIn) == signedIn.user)
        }
    }

    @Test("An address is taken whatever its case")
    func taken() async throws {
        try await AuthFixture.with { auth in
            _ = try await auth.register(email: "Zoë@example.com")
            #expect(try await refusal { try await auth.register(email: "ZOË@EXAMPLE.COM") }.code == .emailTaken)
            #expect(try await auth.count("select count(*) from users") == 1)
        }
    }

    @Test(
        "An address is taken and found in whatever case and normalisation it is written",
        arguments: [
            ("σας@example.com", "ΣΑΣ@EXAMPLE.com"), ("ΣΑΣ@example.com", "σασ@example.com"),
            ("cafe\u{301}@example.com", "CAFÉ@example.com"), ("\u{17F}am@example.com", "SAM@example.com"),
            ("stra\u{DF}e@example.com", "STRA\u{1E9E}E@example.com"),
            ("\u{212A}elvin@example.com", "kelvin@EXAMPLE.COM"),
            ("\u{B5}@example.com", "\u{39C}@example.com"),
        ])
    func folded(registered: String, typed: String) async throws {
        try await AuthFixture.with { auth in
            let id = try await auth.register(email: registered).user.id
            #expect(try await refusal { try await auth.register(email: typed) }.code == .emailTaken)
            #expect(try await auth.logIn(typed).user.id == id)
            #expect(
                try await auth.logIn(registered).user.email?.unicodeScalars.elementsEqual(registered.unicodeScalars)
                    == true)
        }
    }

    @Test(
        "Addresses that differ in more than case are different ones",
        arguments: [
            ("strasse@example.com", "stra\u{DF}e@example.com"), ("ira@example.com", "\u{131}ra@example.com"),
            ("\u{130}@example.com", "i@example.com"), ("\u{130}@example.com", "i\u{307}@example.com"),
            ("e@example.com", "é@example.com"), ("ﬁ@example.com", "fi@example.com"),
        ])
    func notFolded(one: String, other: String) async throws {
        try await AuthFixture.with { auth in
            let first = try await auth.register(email: one).user.id
            let second = try await auth.register(email: other).user.id
            #expect(try await auth.logIn(one).user.id == first)
            #expect(try await auth.logIn(other).user.id == second)
        }
    }

    @Test("Of racing registrations with one address one wins")
    func race() async throws {
        try await AuthFixture.with { auth in
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await refusalIfAny { try await auth.register(email: "one@example.com") }?.code }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .emailTaken } == 7)
        }
    }

    @Test("A wrong password and an unknown address get the same answer")
    func wrong() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let wrong = await #expect(throws: ServiceError.self) { try await auth.logIn(user.user.email, "wrong") }
            let unknown = await #expect(throws: ServiceError.self) {
                try await auth.logIn("nobody@example.com", "wrong")
            }
            #expect(wrong == unknown && wrong?.code == .invalidCredentials)
        }
    }

    @Test("A disabled account shows only with its right password")
    func disabled() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            #expect(try await refusal { try await auth.logIn(user.user.email, "wrong") }.code == .invalidCredentials)
            #expect(try await refusal { try await auth.logIn(user.user.email) }.code == .accountDisabled)
        }
    }

    @Test("The device of a session is what the client calls itself")
    func device() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(device: "Firefox/1")
            #expect(try await auth.sessions(user).map(\.device) == ["Firefox/1"])
        }
    }

    @Test("Signing in renews a hash made with other parameters, once")
    func rehash() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let stronger = PasswordHasher(parameters: Argon2Parameters(memoryKiB: 16, iterations: 1), concurrency: 1)
            let body = Array(#"{"email":"\#(user.user.email ?? "")","password":"\#(AuthFixture.password)"}"#.utf8)
            let logIn = LogIn(
                store: auth.store, hasher: stronger, tokens: auth.tokens, protection: auth.protection)
            _ = try await logIn.handle(Auth.Login(body: body), auth.context())
            let first = try await auth.store.password(email: user.user.email ?? "")
            #expect(first?.hash?.parameters == stronger.parameters && first?.version == 1)
            _ = try await logIn.handle(Auth.Login(body: body), auth.context())
            #expect(try await auth.store.password(email: user.user.email ?? "")?.hash == first?.hash)
        }
    }

    @Test("A password changed while it was compared does not sign in")
    func changedMeanwhile() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let record = try #require(try await auth.store.password(email: user.user.email ?? ""))
            let change = #"{"currentPassword":"\#(AuthFixture.password)","newPassword":"another one"}"#
            _ = try await ChangePassword(store: auth.store, hasher: auth.hasher, protection: auth.protection).handle(
                Auth.ChangePassword(body: Array(change.utf8)), try await auth.context(user))
            let session = NewSession(device: nil, context: auth.context())
            let outcome = try await auth.store.signIn(
                record, proof: nil, renewed: nil, session, from: PlaceKeys(), context: auth.context())
            guard case .changed = outcome else { throw JSONMismatch(expected: "no sign-in") }
            #expect(try await auth.count("select count(*) from sessions where id = \(session.id)") == 0)
            #expect(try await auth.count("select count(*) from refresh_tokens where session_id = \(session.id)") == 0)
        }
    }

    @Test("No session outlives the disabling of its account, however both interleave")
    func disablingRace() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            for _ in 0..<10 {
                let user = try await auth.register()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { _ = try await refusalIfAny { try await auth.logIn(user.user.email) } }
                    }
                    group.addTask { _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin) }
                    try await group.waitForAll()
                }
                let id = user.user.id
                #expect(
                    try await auth.count("select count(*) from sessions where user_id = \(id) and ended_at is null")
                        == 0)
            }
        }
    }

    @Test("Nothing that signs in is stored in the clear")
    func secrets() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let token = user.refreshToken
            #expect(
                try await auth.count(
                    "select count(*) from refresh_tokens where encode(hash, 'escape') like '%' || \(token) || '%'") == 0
            )
            #expect(try await auth.count("select count(*) from users where password_hash like '%correct horse%'") == 0)
            #expect(try await auth.count("select count(*) from users where password_hash like '$argon2id$%'") == 1)
        }
    }
}
