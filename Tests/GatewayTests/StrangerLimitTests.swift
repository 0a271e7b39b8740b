import Testing

@testable import GatewayService

struct StrangerLimitTests {
    @Test("So many may come from one address, and so many in all; a place that is given up is another's")
    func bounds() throws {
        let limit = StrangerLimit(perAddress: 2, inAll: 3)
        let first = try #require(limit.enter("a"))
        #expect(limit.enter("a") != nil && limit.enter("a") == nil)
        #expect(limit.enter("b") != nil && limit.enter("b") == nil && limit.enter("c") == nil)
        first.leave()
        #expect(limit.enter("c") != nil && limit.enter("a") == nil)
    }

    @Test("Without limits everybody may come")
    func none() {
        for _ in 0..<10_000 { #expect(StrangerLimit.none.enter("a") != nil) }
    }
}
