import Contracts
import Messaging
import Primitives
import ServiceKit
import TestKit
import Testing

@testable import AuthService

/// What the security log is told of sign-ins and accounts.
@Suite(.bounded)
struct AccountLogTests {
    private func logged(
        _ auth: AuthFixture, _ body: (AccountLog) async throws -> Void
    ) async throws -> [String] {
        let lines = Recorder<String>()
        let security = SecurityLog(logger: .recording(into: lines), metrics: MetricsRegistry())
        try await body(AccountLog(security: security, secret: AuthFixture.secret))
        return lines.all
    }

    private func logIn(
        _ auth: AuthFixture, _ email: String, _ password: String, _ log: AccountLog
    ) async throws -> ErrorCode? {
        let body = #"{"email":"\#(email)","password":"\#(password)","tokenDelivery":"body"}"#
        do {
            _ = try await LogIn(
                store: auth.store, hasher: auth.hasher, tokens: auth.tokens, protection: auth.protection, log: log
            )
            .handle(Auth.Login(body: Array(body.utf8)), auth.context())
            return nil
        } catch let error as ServiceError {
            return error.code
        }
    }

    @Test("Both outcomes of a sign-in are told, a known account by its id and an unknown one by a pseudonym")
    func signIns() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "known@example.com").user
            let lines = try await logged(auth) { log in
                #expect(try await logIn(auth, "KNOWN@example.com", AuthFixture.password, log) == nil)
                #expect(try await logIn(auth, "known@example.com", "wrong one", log) == .invalidCredentials)
                for email in ["Nobody@example.com", "nobody@example.com", "another@example.com"] {
                    #expect(try await logIn(auth, email, "wrong one", log) == .invalidCredentials)
                }
                let admin = try await auth.admin()
                _ = try await auth.update(user.id, #"{"disabled":true}"#, by: admin)
                #expect(try await logIn(auth, "known@example.com", AuthFixture.password, log) == .accountDisabled)
            }
            #expect(lines.count == 6)
            #expect(lines[0].contains("event=authn_login_success") && lines[0].contains("user.id=\(user.id)"))
            #expect(lines[0].contains("session.id="))
            #expect(lines[1].contains("reason=wrong-password") && lines[1].contains("user.id=\(user.id)"))
            #expect(lines[2] == lines[3] && lines[2] != lines[4])
            #expect(lines[2].contains("reason=unknown-account") && lines[2].contains("email.hash="))
            #expect(lines[5].contains("reason=disabled") && lines[5].contains("user.id=\(user.id)"))
            for line in lines {
                for secret in ["example.com", "wrong one", "nobody", "known@", "Ann", AuthFixture.password] {
                    #expect(!line.contains(secret), "\(line)")
                }
            }
        }
    }

    @Test("A pseudonym of an address is of use only with the secret")
    func pseudonyms() {
        let one = EmailPseudonym(secret: AuthFixture.secret)
        #expect(one.of("a@b") == one.of("A@B") && one.of("a@b") != one.of("a@c"))
        #expect(one.of("a@b").utf8.count == 16)
        #expect(one.of("a@b") != EmailPseudonym(secret: AuthFixture.secret + "x").of("a@b"))
    }

    @Test("A change of an account is told by what has changed, and one that changes nothing is not")
    func changes() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            let user = try await auth.register()
            let context = try await auth.context(admin)
            let lines = try await logged(auth) { log in
                let update = UpdateUser(store: auth.store, log: log)
                for json in [
                    #"{"role":"Admin"}"#, #"{"role":"Admin"}"#, #"{"role":"Regular","disabled":true}"#,
                    #"{"disabled":false}"#,
                ] {
                    _ = try await update.handle(Auth.UpdateUser(userID: user.user.id, body: Array(json.utf8)), context)
                }
                for _ in 0..<2 {
                    _ = try await DeleteUser(store: auth.store, log: log)
                        .handle(Auth.DeleteUser(userID: user.user.id), context)
                }
                let me = UpdateMe(store: auth.store, hasher: auth.hasher, protection: auth.protection, log: log)
                let email = #"{"email":"other@example.com","currentPassword":"\#(AuthFixture.password)"}"#
                for json in [#"{"name":"Other"}"#, email] {
                    _ = try await me.handle(Auth.UpdateMe(body: Array(json.utf8)), context)
                }
            }
            let events = lines.compactMap { $0.split(separator: " ").first { $0.utf8.starts(with: "event=".utf8) } }
            #expect(
                events == [
                    "event=privilege_permissions_changed", "event=privilege_permissions_changed",
                    "event=user_disabled", "event=user_enabled", "event=user_deleted", "event=user_email_change",
                ])
            #expect(lines[0].contains("from=Regular") && lines[0].contains("to=Admin"))
            #expect(lines.prefix(5).allSatisfy { $0.contains("target.id=\(user.user.id)") })
            #expect(lines.allSatisfy { $0.contains("user.id=\(admin.user.id)") && !$0.contains("example.com") })
        }
    }
}
