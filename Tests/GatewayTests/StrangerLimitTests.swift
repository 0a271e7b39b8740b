import Primitives
import Testing

@testable import GatewayService

struct StrangerLimitTests {
    @Test("So many may come from one address, and so many in all; a place that is given up is another's")
    func bounds() throws {
        let (a, b, c) = (IPAddress("192.0.2.1"), IPAddress("2001:db8::1"), IPAddress("2001:db8:0:1::1"))
        let limit = StrangerLimit(perAddress: 2, inAll: 3)
        let first = try #require(limit.enter(a))
        #expect(limit.enter(a) != nil && limit.enter(a) == nil)
        #expect(limit.enter(b) != nil && limit.enter(IPAddress("2001:db8::ffff:2")) == nil && limit.enter(c) == nil)
        first.leave()
        #expect(limit.enter(c) != nil && limit.enter(a) == nil)
    }

    @Test("Without limits everybody may come")
    func none() {
        for _ in 0..<10_000 { #expect(StrangerLimit.none.enter(nil) != nil) }
    }
}
