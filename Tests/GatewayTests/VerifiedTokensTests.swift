import Messaging
import Primitives
import TestKit
import Testing

@testable import GatewayService

struct VerifiedTokensTests {
    private let now = Timestamp.now()

    private func token(_ caller: Caller, keyID: String? = nil, seconds: Int64 = 60) -> VerifiedToken {
        VerifiedToken(caller: caller, expiresAt: now.advanced(bySeconds: seconds), keyID: keyID)
    }

    @Test("When there are too many, those expired go, and if that is not enough, all")
    func capacity() {
        var kept = VerifiedTokens(capacity: 4)
        for number in 0..<4 {
            kept.insert(token(.regular(), seconds: number < 2 ? 0 : 60), VerifiedTokens.hash("\(number)"), now: now)
        }
        kept.insert(token(.regular()), VerifiedTokens.hash("4"), now: now)
        #expect(kept.count == 3 && kept[VerifiedTokens.hash("0")] == nil && kept[VerifiedTokens.hash("2")] != nil)
        for number in 5..<7 { kept.insert(token(.regular()), VerifiedTokens.hash("\(number)"), now: now) }
        #expect(kept.count == 1 && kept[VerifiedTokens.hash("6")] != nil)
    }

    @Test("The oldest token of a session goes for its newest, and no other's")
    func ofSession() {
        var kept = VerifiedTokens(capacity: 100)
        let (one, other) = (Caller.regular(), Caller.regular())
        kept.insert(token(other), VerifiedTokens.hash("other"), now: now)
        for number in 0..<10 {
            // The same again counts once.
            for _ in 0..<2 { kept.insert(token(one), VerifiedTokens.hash("\(number)"), now: now) }
        }
        #expect(kept.count == 1 + VerifiedTokens.mostOfSession)
        #expect(kept[VerifiedTokens.hash("5")] == nil && kept[VerifiedTokens.hash("6")] != nil)
        kept.removeAll { $0.caller.sessionID == one.sessionID }
        #expect(kept.count == 1)
        for number in 0..<3 { kept.insert(token(one), VerifiedTokens.hash("\(number)"), now: now) }
        #expect(kept.count == 4)
    }
}
