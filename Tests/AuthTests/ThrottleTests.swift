import Contracts
import Messaging
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// How often passwords can be tried, against a database that several replicas share.
@Suite(.bounded)
struct ThrottleTests {
    private static let (home, elsewhere) = ("192.0.2.1", "198.51.100.7")

    /// The codes of so many wrong sign-ins, one after the other.
    private func fail(
        _ auth: AuthFixture, _ email: String?, _ count: Int, from client: String? = nil, cookie: String? = nil
    ) async throws -> [ErrorCode] {
        var codes: [ErrorCode] = []
        for _ in 0..<count {
            codes.append(
                try await refusal { try await auth.logIn(email, "wrong one", from: client, cookie: cookie) }.code)
        }
        return codes
    }

    private static let tenThenRefused =
        Array(repeating: ErrorCode.invalidCredentials, count: 10) + [.tooManyAttempts]

    @Test("After ten wrong ones the eleventh is refused with the time to wait, the right password as well")
    func ten() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register().user.email
            #expect(try await fail(auth, email, 11) == Self.tenThenRefused)
            let error = try await refusal { try await auth.logIn(email) }
            #expect(error.code == .tooManyAttempts && error.retryAfter == 30)
            auth.clock.advance(bySeconds: 30)
            #expect(try await fail(auth, email, 1) == [.invalidCredentials])
            #expect(try await refusal { try await auth.logIn(email) }.retryAfter == 60)
            auth.clock.advance(bySeconds: 60)
            _ = try await auth.logIn(email)
            #expect(try await auth.count("select count(*) from attempts") == 0)
            #expect(try await fail(auth, email, 11) == Self.tenThenRefused)
        }
    }

    @Test("An address that nobody has is refused exactly like one that somebody has, however it is written")
    func unknown() async throws {
        try await AuthFixture.with { auth in
            _ = try await auth.register(email: "known@example.com")
            var answers: [[ServiceError]] = []
            for email in ["known@example.com", "unknown@example.com"] {
                var errors: [ServiceError] = []
                for attempt in 0..<13 {
                    let written = attempt.isMultiple(of: 2) ? email : email.uppercased()
                    errors.append(
                        try await refusal { try await auth.logIn(written, "wrong one", from: Self.elsewhere) })
                }
                answers.append(errors)
            }
            #expect(answers[0] == answers[1])
            #expect(answers[0].map(\.code).prefix(11) == Self.tenThenRefused[...])
        }
    }

    @Test("Of guesses at the same moment, at several replicas, exactly ten are looked at")
    func racing() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let other = Protection(store: auth.store, secret: AuthFixture.secret)
            let body = Array(#"{"email":"\#(user.user.email ?? "")","password":"wrong one"}"#.utf8)
            let codes = try await withThrowingTaskGroup(of: ErrorCode.self) { group in
                for number in 0..<40 {
                    let protection = number.isMultiple(of: 2) ? auth.protection : other
                    let logIn = LogIn(
                        store: auth.store, hasher: auth.hasher, tokens: auth.tokens, protection: protection)
                    group.addTask {
                        try await refusal { try await logIn.handle(Auth.Login(body: body), auth.context()) }.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .invalidCredentials } == 10)
            #expect(codes.count { $0 == .tooManyAttempts } == 30)
        }
    }

    @Test("Any number of right sign-ins at the same moment are let in")
    func manyRight() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register().user.email
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<25 { group.addTask { _ = try await auth.logIn(email, from: Self.home) } }
                try await group.waitForAll()
            }
            #expect(try await auth.count("select count(*) from attempts") == 0)
        }
    }

    @Test("A stranger does not lock out a device that signed in before, wherever it and the stranger are")
    func ownDevice() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register(email: "owner@example.com").user.email
            let device = try await auth.logIn(email, delivery: "cookie", from: Self.home).deviceToken
            _ = try await fail(auth, email, 12, from: Self.elsewhere)
            _ = try await fail(auth, email, 12, from: Self.home)
            #expect(try await refusal { try await auth.logIn(email, from: Self.home) }.code == .tooManyAttempts)
            let again = try await auth.logIn(email, delivery: "cookie", from: Self.elsewhere, cookie: device)
            #expect(again.deviceToken == device)
            // It is bounded all the same.
            #expect(try await fail(auth, email, 11, from: Self.home, cookie: device) == Self.tenThenRefused)
        }
    }

    @Test("A network that was signed in from before is counted by itself, for clients that keep no cookie")
    func ownNetwork() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register(from: Self.home).user.email
            #expect(try await fail(auth, email, 11, from: Self.elsewhere) == Self.tenThenRefused)
            _ = try await auth.logIn(email, from: Self.home)
            #expect(try await fail(auth, email, 11, from: Self.home) == Self.tenThenRefused)
            #expect(try await refusal { try await auth.logIn(email, from: Self.elsewhere) }.code == .tooManyAttempts)
        }
    }

    @Test("A device is known for the accounts that signed in with it, and for no other")
    func otherDevice() async throws {
        try await AuthFixture.with { auth in
            let victim = try await auth.register(from: Self.home).user.email
            let thief = try await auth.register(email: "thief@example.com", from: Self.elsewhere)
            let device = try await auth.logIn(thief.user.email, delivery: "cookie", from: Self.elsewhere).deviceToken
            #expect(device != nil && thief.deviceToken != nil)
            _ = try await fail(auth, victim, 10, from: Self.elsewhere)
            for cookie in [device, DeviceToken.make().text, "nonsense", String(repeating: "A", count: 43)] {
                #expect(
                    try await fail(auth, victim, 1, from: Self.elsewhere, cookie: cookie) == [.tooManyAttempts])
            }
        }
    }

    @Test("A client that wants its token in the body gets no cookie for its device")
    func noCookie() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register().user.email
            #expect(try await auth.logIn(email).deviceToken == nil)
        }
    }

    @Test("Wrong sign-ins of one network are bounded whatever accounts they are at, and its right ones are not counted")
    func network() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register(from: Self.home).user.email
            let device = try await auth.logIn(email, delivery: "cookie", from: Self.home).deviceToken
            for number in 0..<AttemptLimit.network.allowed {
                if number.isMultiple(of: 20) { _ = try await auth.logIn(email, from: Self.home) }
                #expect(
                    try await fail(auth, "nobody-\(number)@example.com", 1, from: Self.home) == [.invalidCredentials])
            }
            #expect(try await fail(auth, "nobody@example.com", 1, from: Self.home) == [.tooManyAttempts])
            #expect(try await refusal { try await auth.logIn(email, from: Self.home) }.code == .tooManyAttempts)
            #expect(try await fail(auth, "nobody@example.com", 1, from: Self.elsewhere) == [.invalidCredentials])
            // Whoever is known by the device does not suffer for the neighbours.
            _ = try await auth.logIn(email, from: Self.home, cookie: device)
            let unlimited = Protection(store: auth.store, secret: AuthFixture.secret, countsNetworks: false)
            let logIn = LogIn(store: auth.store, hasher: auth.hasher, tokens: auth.tokens, protection: unlimited)
            let body = Array(#"{"email":"someone@example.com","password":"wrong one"}"#.utf8)
            let error = try await refusal {
                try await logIn.handle(Auth.Login(body: body), auth.context(from: Self.home))
            }
            #expect(error.code == .invalidCredentials)
        }
    }

    @Test("An attempt that nobody could look at is none")
    func undecided() async throws {
        try await AuthFixture.with { auth in
            let email = try await auth.register().user.email ?? ""
            let logIn = LogIn(
                store: auth.store, hasher: auth.hasher, tokens: auth.tokens, protection: auth.protection)
            var late = auth.context()
            late.deadline = .now
            for _ in 0..<12 {
                let body = Array(#"{"email":"\#(email)","password":"wrong one"}"#.utf8)
                let error = try await refusal { try await logIn.handle(Auth.Login(body: body), late) }
                #expect(error.code == .upstreamTimeout)
            }
            #expect(try await auth.count("select count(*) from attempts") == 0)
        }
    }

    @Test("The password of somebody who is signed in can be tried as often, and no stranger uses that up")
    func confirmation() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            _ = try await fail(auth, user.user.email, 11)
            let context = try await auth.context(user)
            let change = ChangePassword(store: auth.store, hasher: auth.hasher, protection: auth.protection)
            let update = UpdateMe(store: auth.store, hasher: auth.hasher, protection: auth.protection)
            func tried(_ current: String) async throws -> [ServiceError?] {
                let password = #"{"currentPassword":"\#(current)","newPassword":"quite another one"}"#
                let email = #"{"currentPassword":"\#(current)","email":"new-\#(Identifier.make())@example.com"}"#
                return [
                    try await refusalIfAny {
                        try await change.handle(Auth.ChangePassword(body: Array(password.utf8)), context)
                    },
                    try await refusalIfAny {
                        try await update.handle(Auth.UpdateMe(body: Array(email.utf8)), context)
                    },
                ]
            }
            for _ in 0..<5 { #expect(try await tried("wrong one").allSatisfy { $0 == PasswordChange.wrongCurrent }) }
            #expect(try await tried(AuthFixture.password).allSatisfy { $0?.code == .tooManyAttempts })
            auth.clock.advance(bySeconds: 30)
            #expect(try await tried(AuthFixture.password).first == .some(nil))
        }
    }

    @Test("What is counted is swept, and nothing of an address or a network can be read in it")
    func swept() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "ann@example.com", from: Self.home)
            _ = try await fail(auth, "few@example.com", 2, from: Self.elsewhere)
            _ = try await fail(auth, "many@example.com", 10)
            let readable: Int = try await auth.count(
                """
                select count(*) from attempts a, known_places p
                where encode(a.key, 'escape') ~ 'example' or encode(p.key, 'escape') ~ '192|example'
                """)
            #expect(readable == 0)
            let database = auth.store.database
            func sweep(after seconds: Int64) async throws -> [Int] {
                let now = auth.clock.now.advanced(bySeconds: seconds)
                return [
                    try await Expiry.fewAttempts.apply(to: database, now: now),
                    try await Expiry.attempts.apply(to: database, now: now),
                    try await Expiry.places.apply(to: database, now: now),
                ]
            }
            #expect(try await sweep(after: 899) == [0, 0, 0])
            #expect(try await sweep(after: 901) == [2, 0, 0])
            #expect(try await sweep(after: 86_401) == [0, 1, 0])
            #expect(try await sweep(after: 181 * 86_400) == [0, 0, 2])
            #expect(try await auth.me(user).email == "ann@example.com")
        }
    }

    @Test("Of one account only the latest places are kept")
    func places() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(from: "10.0.0.1")
            for number in 2...70 {
                auth.clock.advance(bySeconds: 1)
                _ = try await auth.logIn(user.user.email, from: "10.0.0.\(number)")
            }
            #expect(try await auth.count("select count(*) from known_places") == 64)
            let admin = try await auth.admin()
            try await auth.delete(user.user.id, by: admin)
            let id = user.user.id
            #expect(try await auth.count("select count(*) from known_places where user_id = \(id)") == 0)
        }
    }
}
