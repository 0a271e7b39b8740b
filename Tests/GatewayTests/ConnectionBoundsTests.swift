import Testing

@testable import GatewayService

struct ConnectionBoundsTests {
    @Test(
        "Places follow from the descriptors, with a reserve; nobody has more than half of them",
        arguments: [
            (220, nil, 200, 120, 60), (1024, nil, 200, 924, 200), (1 << 20, nil, 200, 65_536, 200),
            (1 << 20, 100_000, 200, 100_000, 200), (220, 120, 30, 120, 30), (116, nil, 200, 16, 8),
        ] as [(Int, Int?, Int, Int, Int)])
    func derived(descriptors: Int, wanted: Int?, each: Int, inAll: Int, ofEach: Int) throws {
        let bounds = try #require(ConnectionBounds(descriptors: descriptors, wanted: wanted, each: each))
        #expect(bounds.inAll == inAll && bounds.each == ofEach)
        #expect(bounds.strangers.inAll <= max(1, inAll / 2) && bounds.strangers.each == max(1, ofEach / 2))
    }

    @Test(
        "Too few descriptors are no bound but a fault", arguments: [(115, nil), (220, 121), (0, nil)] as [(Int, Int?)])
    func tooFew(descriptors: Int, wanted: Int?) {
        #expect(ConnectionBounds(descriptors: descriptors, wanted: wanted, each: 200) == nil)
    }
}
