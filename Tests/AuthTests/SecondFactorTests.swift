import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct SecondFactorTests {
    /// Somebody with a second factor that was confirmed in an earlier step.
    private struct Holder {
        var user: SignedIn
        var secret: [UInt8]
        var recovery: [String]
    }

    private func enrol(
        _ auth: AuthFixture, _ user: SignedIn, password: String = AuthFixture.password
    ) async throws -> TOTPSecret {
        try await EnrolTOTP(store: auth.store, hasher: auth.hasher, protection: auth.protection).handle(
            Auth.EnrolTOTP(body: Array(#"{"currentPassword":"\#(password)"}"#.utf8)), try await auth.context(user)
        ).read()
    }

    private func confirm(_ auth: AuthFixture, _ user: SignedIn, _ code: String) async throws -> [String] {
        try await ConfirmTOTP(store: auth.store, hasher: auth.hasher, protection: auth.protection).handle(
            Auth.ConfirmTOTP(body: Array(#"{"code":"\#(code)"}"#.utf8)), try await auth.context(user)
        ).read().recoveryCodes
    }

    private func remove(
        _ auth: AuthFixture, _ user: SignedIn, _ code: String, password: String = AuthFixture.password
    ) async throws {
        let body = #"{"currentPassword":"\#(password)","code":"\#(code)"}"#
        _ = try await RemoveTOTP(store: auth.store, hasher: auth.hasher, protection: auth.protection).handle(
            Auth.RemoveTOTP(body: Array(body.utf8)), try await auth.context(user))
    }

    private func code(_ auth: AuthFixture, _ secret: [UInt8], _ offset: Int64 = 0) -> String {
        TOTP.code(secret: secret, step: TOTP.step(at: auth.clock.now) + offset)
    }

    private func holder(_ auth: AuthFixture, admin: Bool = false) async throws -> Holder {
        let user = admin ? try await auth.admin() : try await auth.register()
        let secret = try decoded(try await enrol(auth, user).secret)
        let recovery = try await confirm(auth, user, code(auth, secret))
        auth.clock.advance(bySeconds: 60)
        return Holder(user: user, secret: secret, recovery: recovery)
    }

    /// Base 32, by another way than the product writes it.
    private func decoded(_ text: String) throws -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let bits = try text.map { letter in
            let value = try #require(alphabet.firstIndex(of: letter))
            let digits = String(value, radix: 2)
            return String(repeating: "0", count: 5 - digits.count) + digits
        }.joined()
        return stride(from: 0, to: bits.count - 7, by: 8).compactMap { start in
            UInt8(bits.dropFirst(start).prefix(8), radix: 2)
        }
    }

    @Test("A second factor is asked for once it is confirmed, and signs in with each code once")
    func wholeLife() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let shown = try await enrol(auth, user)
            let secret = try decoded(shown.secret)
            #expect(secret.count == 20 && shown.uri.contains("secret=\(shown.secret)&"))
            // Not before: whoever cannot read the code after all is not shut out.
            _ = try await auth.logIn(user.user.email)
            let recovery = try await confirm(auth, user, code(auth, secret))
            #expect(recovery.count == 10 && Set(recovery).count == 10)
            let none = try await refusal { try await auth.logIn(user.user.email) }
            #expect(none.code == .secondFactorRequired)
            // The code that confirmed it is used up.
            #expect(
                try await refusal { try await auth.logIn(user.user.email, code: code(auth, secret)) }.code
                    == .secondFactorRequired)
            _ = try await auth.logIn(user.user.email, code: code(auth, secret, 1))
            auth.clock.advance(bySeconds: 60)
            let spaced = code(auth, secret)
            _ = try await auth.logIn(user.user.email, code: "\(spaced.prefix(3)) \(spaced.suffix(3))")
            #expect(
                try await refusal { try await auth.logIn(user.user.email, code: spaced) }.code
                    == .secondFactorRequired)
            _ = try await auth.refresh(user.refreshToken)
            try await remove(auth, user, recovery[0])
            _ = try await auth.logIn(user.user.email)
            #expect(try await auth.count("select count(*) from recovery_codes") == 0)
        }
    }

    @Test("Without the password the code says nothing")
    func wrongPassword() async throws {
        try await AuthFixture.with { auth in
            let holder = try await holder(auth)
            for code in [nil, code(auth, holder.secret), "000000"] {
                #expect(
                    try await refusal { try await auth.logIn(holder.user.user.email, "wrong one", code: code) }
                        == Credentials.refused)
            }
            _ = try await auth.logIn(holder.user.user.email, code: code(auth, holder.secret))
        }
    }

    @Test("A code that several replicas get at the same moment signs in once", arguments: [false, true])
    func replay(byRecovery: Bool) async throws {
        try await AuthFixture.with { auth in
            let holder = try await holder(auth)
            let code = byRecovery ? holder.recovery[3] : code(auth, holder.secret)
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await refusalIfAny { try await auth.logIn(holder.user.user.email, code: code) }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .secondFactorRequired } == 7)
        }
    }

    @Test("Each recovery code is good once, for its user alone")
    func recovery() async throws {
        try await AuthFixture.with { auth in
            let (holder, other) = (try await holder(auth), try await holder(auth))
            for code in holder.recovery.prefix(2) {
                _ = try await auth.logIn(holder.user.user.email, code: code.lowercased())
                #expect(
                    try await refusal { try await auth.logIn(holder.user.user.email, code: code) }.code
                        == .secondFactorRequired)
            }
            #expect(
                try await refusal { try await auth.logIn(other.user.user.email, code: holder.recovery[5]) }.code
                    == .secondFactorRequired)
        }
    }

    @Test("Wrong codes are counted as wrong passwords are, and asking for a code is not")
    func throttled() async throws {
        try await AuthFixture.with { auth in
            let holder = try await holder(auth)
            let email = holder.user.user.email
            for _ in 0..<12 {
                #expect(try await refusal { try await auth.logIn(email) }.code == .secondFactorRequired)
            }
            for attempt in 0..<10 {
                // Whoever has the password does not get at more codes by giving it alone in between.
                _ = try await refusal { try await auth.logIn(email) }
                let wrong = attempt.isMultiple(of: 2) ? "000000" : "ABCD-EFGH-IJKL-MNOP"
                #expect(try await refusal { try await auth.logIn(email, code: wrong) }.code == .secondFactorRequired)
            }
            #expect(
                try await refusal { try await auth.logIn(email, code: code(auth, holder.secret)) }.code
                    == .tooManyAttempts)
            #expect(try await refusal { try await auth.logIn(email) }.code == .tooManyAttempts)
        }
    }

    @Test("Codes of somebody who is signed in are counted, although the password beside them is right")
    func throttledRemoval() async throws {
        try await AuthFixture.with { auth in
            let holder = try await holder(auth)
            for _ in 0..<10 {
                #expect(try await refusal { try await remove(auth, holder.user, "000000") } == SecondFactorCode.wrong)
            }
            #expect(
                try await refusal { try await remove(auth, holder.user, holder.recovery[0]) }.code
                    == .tooManyAttempts)
        }
    }

    @Test("Turning it on and off needs the password; off a code as well")
    func guarded() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            #expect(try await refusal { try await enrol(auth, user, password: "wrong") } == PasswordChange.wrongCurrent)
            #expect(try await refusal { try await confirm(auth, user, "000000") } == SecondFactorCode.wrong)
            #expect(try await refusal { try await remove(auth, user, "000000") }.code == .notFound)
            let holder = try await holder(auth)
            #expect(
                try await refusal {
                    try await remove(auth, holder.user, code(auth, holder.secret), password: "wrong")
                } == PasswordChange.wrongCurrent)
            #expect(try await refusal { try await enrol(auth, holder.user) }.code == .forbidden)
            #expect(
                try await refusal { try await confirm(auth, holder.user, code(auth, holder.secret)) }
                    == SecondFactorCode.wrong)
            _ = try await auth.logIn(holder.user.user.email, code: code(auth, holder.secret))
        }
    }

    @Test("Another secret takes the place of one that is not confirmed, whose codes are no good then")
    func twice() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let first = try decoded(try await enrol(auth, user).secret)
            let second = try decoded(try await enrol(auth, user).secret)
            #expect(try await refusal { try await confirm(auth, user, code(auth, first)) } == SecondFactorCode.wrong)
            _ = try await confirm(auth, user, code(auth, second))
        }
    }

    @Test("A sign-in that has looked at the account before it was turned on does not go on without a code")
    func turnedOnMeanwhile() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let record = try #require(try await auth.store.password(email: user.user.email ?? ""))
            let secret = try decoded(try await enrol(auth, user).secret)
            _ = try await confirm(auth, user, code(auth, secret))
            let session = NewSession(device: nil, context: auth.context())
            let outcome = try await auth.store.signIn(
                record, proof: nil, renewed: nil, session, from: PlaceKeys(), context: auth.context())
            guard case .changed = outcome else {
                Issue.record("it signed in")
                return
            }
            #expect(try await auth.count("select count(*) from sessions where id = \(session.id)") == 0)
        }
    }

    @Test("The secret is sealed, for its user alone; codes are hashed; both go with the account")
    func atRest() async throws {
        try await AuthFixture.with { auth in
            let (holder, other) = (try await holder(auth), try await holder(auth))
            let id = holder.user.user.id
            let secret = holder.secret
            let open: Int = try await auth.count(
                "select count(*) from second_factors where position(\(secret)::bytea in sealed) > 0")
            #expect(open == 0)
            let plain = holder.recovery[0]
            let readable: Int = try await auth.count(
                "select count(*) from recovery_codes where encode(hash, 'escape') like '%' || \(plain) || '%'")
            #expect(readable == 0)
            // Copied to another row it opens nothing.
            let otherID = other.user.user.id
            _ = try await auth.store.database.withConnection {
                try $0.execute(
                    """
                    update second_factors set sealed = (select sealed from second_factors where user_id = \(id))
                    where user_id = \(otherID)
                    """)
            }
            #expect(
                try await refusal { try await auth.logIn(other.user.user.email, code: code(auth, holder.secret)) }.code
                    == .secondFactorRequired)
            _ = try await auth.logIn(other.user.user.email, code: other.recovery[0])
            let admin = try await auth.admin()
            try await auth.delete(id, by: admin)
            #expect(try await auth.count("select count(*) from second_factors where user_id = \(id)") == 0)
            #expect(try await auth.count("select count(*) from recovery_codes where user_id = \(id)") == 0)
        }
    }

    @Test("Where it is required of Admins, one without it gets a token that is good for turning it on alone")
    func required() async throws {
        try await AuthFixture.with { auth in
            let strict = TokenIssuer(
                keys: auth.keys, lifetimes: AuthFixture.lifetimes, requiredOfAdmins: auth.store,
                now: { auth.clock.now })
            func claims(_ user: SignedIn) async throws -> AccessTokenClaims {
                let body = #"{"refreshToken":"\#(user.refreshToken)"}"#
                return try await auth.claims(
                    try await RefreshSession(store: auth.store, tokens: strict)
                        .handle(Auth.Refresh(body: Array(body.utf8)), auth.context()).read())
            }
            let bare = try await claims(try await auth.admin())
            #expect(bare.scope == "second-factor" && bare.role == "Admin")
            let regular = try await claims(try await auth.register())
            #expect(regular.scope == nil && regular.role == "Regular")
            let holder = try await holder(auth, admin: true)
            let whole = try await claims(holder.user)
            #expect(whole.scope == nil && whole.role == "Admin")
        }
    }
}
