import AuthService
import Primitives
import Testing

struct RefreshRuleTests {
    private static let now = Timestamp(milliseconds: 1_000_000)

    private static func moment(_ seconds: Int64) -> Timestamp { now.advanced(bySeconds: seconds) }

    private static func decide(
        usedAt: Timestamp? = nil, expiresIn: Int64 = 1, sessionEndsIn: Int64 = 1, isLive: Bool = true,
        isUsable: Bool = true, grace: Duration = .seconds(10)
    ) -> RefreshRule.Decision {
        RefreshRule.decide(
            usedAt: usedAt, expiresAt: moment(expiresIn), sessionEndsAt: moment(sessionEndsIn), sessionIsLive: isLive,
            accountIsUsable: isUsable, grace: grace, now: now)
    }

    /// Every state of a token, its session and its account.
    @Test(
        "A refresh token is good once and again within its grace, while its session and its account are",
        arguments: [nil, -1, -11] as [Int64?], [false, true])
    func all(used: Int64?, isExpired: Bool) {
        for isLive in [false, true] {
            for isUsable in [false, true] {
                for isOver in [false, true] {
                    let decision = Self.decide(
                        usedAt: used.map(Self.moment), expiresIn: isExpired ? -1 : 1, sessionEndsIn: isOver ? -1 : 1,
                        isLive: isLive, isUsable: isUsable)
                    let expected: RefreshRule.Decision =
                        if !isLive { .refuse } else if used == -11 { .endSession } else if isOver || !isUsable {
                            .refuse
                        } else if used != nil { .giveAgain } else { isExpired ? .refuse : .rotate }
                    let state =
                        "used \(used ?? 0) expired \(isExpired) live \(isLive) usable \(isUsable) over \(isOver)"
                    #expect(decision == expected, "\(state)")
                }
            }
        }
    }

    @Test("At the instant of its expiry, of its session's end and of its grace's end a token is not good any more")
    func boundary() {
        #expect(Self.decide(expiresIn: 0) == .refuse)
        #expect(Self.decide(sessionEndsIn: 0) == .refuse)
        #expect(Self.decide(usedAt: Self.moment(-10)) == .endSession)
        #expect(Self.decide(usedAt: Timestamp(milliseconds: Self.moment(-10).milliseconds + 1)) == .giveAgain)
        #expect(Self.decide(usedAt: Self.now, grace: .zero) == .endSession)
    }

    @Test("A token that another replica used a moment from now, by its clock, was used just now")
    func clocks() { #expect(Self.decide(usedAt: Self.moment(2)) == .giveAgain) }
}
