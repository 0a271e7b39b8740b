import AuthService
import Primitives
import Testing

struct RefreshRuleTests {
    private static let now = Timestamp(milliseconds: 1_000_000)

    /// Every state of a token, its session and its account.
    @Test(
        "A refresh token is good once, while its session and its account are",
        arguments: [false, true], [false, true])
    func all(isUsed: Bool, isExpired: Bool) {
        for isLive in [false, true] {
            for isUsable in [false, true] {
                let decision = RefreshRule.decide(
                    usedAt: isUsed ? Self.now.advanced(bySeconds: -1) : nil,
                    expiresAt: Self.now.advanced(bySeconds: isExpired ? -1 : 1), sessionIsLive: isLive,
                    accountIsUsable: isUsable, now: Self.now)
                let expected: RefreshRule.Decision =
                    if !isLive { .refuse } else if isUsed { .endSession } else if isExpired || !isUsable {
                        .refuse
                    } else {
                        .rotate
                    }
                #expect(decision == expected, "used \(isUsed) expired \(isExpired) live \(isLive) usable \(isUsable)")
            }
        }
    }

    @Test("At the instant of its expiry a token is not good any more")
    func boundary() {
        let decision = RefreshRule.decide(
            usedAt: nil, expiresAt: Self.now, sessionIsLive: true, accountIsUsable: true, now: Self.now)
        #expect(decision == .refuse)
    }
}
