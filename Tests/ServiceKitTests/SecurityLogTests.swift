import Logging
import Messaging
import Primitives
import ServiceKit
import Synchronization
import TestKit
import Testing

/// What the security log writes, and what of a flood it leaves out.
struct SecurityLogTests {
    private final class Fixture: Sendable {
        let lines = Recorder<String>()
        let metrics = MetricsRegistry()
        let log: SecurityLog

        init(limit: Int = 500) {
            let times = Times()
            self.times = times
            log = SecurityLog(
                logger: .recording(into: lines), metrics: metrics,
                repeats: SecurityRepeats(limit: limit) { times.now.withLock { $0 } })
        }

        private let times: Times

        func pass(_ time: Duration) { times.now.withLock { $0 += time } }

        func refuse(_ code: ErrorCode, _ context: CallContext, hasToken: Bool = true) {
            log.refused(ServiceError(code, "No."), context, operation: "GET /x", hasToken: hasToken)
        }
    }

    private final class Times: Sendable {
        let now = Mutex(ContinuousClock.now)
    }

    private static let session = Identifier.make()

    private func context(_ client: String?, _ caller: Caller? = nil) -> CallContext {
        CallContext(caller: caller, requestID: "request-1", client: client.flatMap { IPAddress($0) })
    }

    @Test("A line says who, from where and by which request, under a name that stays")
    func line() {
        let fixture = Fixture()
        let caller = Caller(userID: .make(), sessionID: .make(), role: .admin, name: "Somebody")
        let target = Identifier.make()
        fixture.log.record(.roleChanged, context("192.0.2.7", caller), ["target.id": "\(target)"])
        fixture.log.record(.signedIn, context("::1"), user: target, session: Self.session)
        fixture.log.record(.keyRotated, nil)
        #expect(
            fixture.lines.all == [
                "role changed client.address=192.0.2.7 event=privilege_permissions_changed request.id=request-1 "
                    + "session.id=\(caller.sessionID) target.id=\(target) user.id=\(caller.userID)",
                "signed in client.address=::1 event=authn_login_success request.id=request-1 "
                    + "session.id=\(Self.session) user.id=\(target)",
                "signing key changed event=crypto_key_rotated",
            ])
    }

    @Test("Events have names of their own, and each is counted from the start")
    func names() {
        let fixture = Fixture()
        let names = SecurityEvent.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        let page = fixture.metrics.exposition()
        for name in names {
            #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }, "\(name)")
            #expect(page.contains("orderline_security_events_total{event=\"\(name)\"} 0"), "\(name)")
        }
    }

    @Test(
        "Of refusals those are told that concern security",
        arguments: [
            (ErrorCode.forbidden, false, "authz_fail"), (.unauthenticated, true, "authn_token_refused"),
            (.unauthenticated, false, nil), (.invalidRefreshToken, false, "authn_token_refused"),
            (.rateLimited, false, "excess_rate_limit_exceeded"), (.tokenExpired, true, nil), (.notFound, true, nil),
            (ErrorCode(rawValue: "too-many-attempts"), false, "excess_rate_limit_exceeded"),
            (.validationFailed, true, nil), (.serviceUnavailable, true, nil), (.invalidCredentials, false, nil),
        ] as [(ErrorCode, Bool, String?)])
    func refusals(code: ErrorCode, hasToken: Bool, event: String?) {
        let fixture = Fixture()
        fixture.refuse(code, context("192.0.2.7"), hasToken: hasToken)
        #expect(fixture.lines.all.count == (event == nil ? 0 : 1))
        if let event {
            let line = fixture.lines.all.first ?? ""
            #expect(line.contains("event=\(event) "), "\(line)")
            #expect(line.contains("operation=GET /x") && line.contains("reason=\(code.rawValue)"), "\(line)")
        }
    }

    @Test("Repeats within a minute are counted, and their number is told when it is over")
    func repeats() {
        let fixture = Fixture()
        // The same customer of an IPv6 network.
        for number in 0..<100 { fixture.refuse(.forbidden, context("2001:db8::\(number)")) }
        fixture.refuse(.unauthenticated, context("2001:db8::1"))
        fixture.refuse(.forbidden, context("2001:db8:0:1::1"))
        #expect(fixture.lines.all.count == 3)
        #expect(
            fixture.metrics.exposition().contains("orderline_security_events_total{event=\"authz_fail\"} 101"))
        fixture.pass(.seconds(61))
        fixture.refuse(.forbidden, context("2001:db8::5"))
        #expect(fixture.lines.all.count == 5)
        #expect(fixture.lines.all[3] == "access refused by=2001:db8:: event=authz_fail repeats=99")
        #expect(fixture.lines.all[4].contains("client.address=2001:db8::5"))
        fixture.refuse(.forbidden, context("2001:db8::5"))
        fixture.log.tellRepeats()
        fixture.log.tellRepeats()
        #expect(fixture.lines.all.count == 6)
        #expect(fixture.lines.all[5].contains("repeats=1"))
    }

    @Test("However many strangers there are, the lines of a minute are bounded, and none is lost to the count")
    func many() {
        let fixture = Fixture(limit: 10)
        for number in 0..<2000 { fixture.refuse(.forbidden, context("10.0.\(number / 250).\(number % 250)")) }
        #expect(fixture.lines.all.count == 11)
        fixture.log.tellRepeats()
        #expect(fixture.lines.all.count == 12)
        #expect(fixture.lines.all[11] == "access refused by=many event=authz_fail repeats=1989")
    }

    @Test("What costs an attacker something is told each time")
    func signIns() {
        let fixture = Fixture()
        for _ in 0..<50 { fixture.log.record(.signInFailed, context("192.0.2.7")) }
        #expect(fixture.lines.all.count == 50)
    }
}
