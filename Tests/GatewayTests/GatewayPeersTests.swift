import Contracts
import Testing

@testable import GatewayService

/// Which gateways are taken to be there.
struct GatewayPeersTests {
    private let start = ContinuousClock.now
    private let first = GatewayID.make()
    private let second = GatewayID.make()

    /// Looks once a second, as it is done.
    private func look(
        _ peers: inout GatewayPeers, _ seconds: ClosedRange<Int>, isConnected: Bool = true
    ) -> [(Int, GatewayID)] {
        seconds.flatMap { second in
            peers.look(at: start + .seconds(second), isConnected: isConnected).map { (second, $0) }
        }
    }

    @Test("A gateway that is silent for ten seconds is named once, one that is heard is not")
    func silence() {
        var peers = GatewayPeers()
        _ = peers.hear(first, at: start)
        _ = peers.hear(second, at: start)
        #expect(look(&peers, 0...5).isEmpty)
        _ = peers.hear(second, at: start + .seconds(5))
        let silent = look(&peers, 6...14)
        #expect(silent.map(\.0) == [10] && silent.map(\.1) == [first])
    }

    @Test("A gateway that was given up and is heard again is back, once; one that had nothing to give up is not")
    func back() {
        var peers = GatewayPeers()
        #expect(peers.hear(first, at: start) == false)
        #expect(peers.hear(second, at: start) == false)
        #expect(look(&peers, 0...10).count == 2)
        peers.giveUp(first, at: start + .seconds(10))
        #expect(peers.hear(first, at: start + .seconds(11)) == true)
        #expect(peers.hear(first, at: start + .seconds(12)) == false)
        #expect(peers.hear(second, at: start + .seconds(12)) == false)
        peers.giveUp(first, at: start + .seconds(12))
        peers.leave(first)
        #expect(peers.hear(first, at: start + .seconds(13)) == false)
    }

    @Test("Time without a link does not count as silence")
    func withoutLink() {
        var peers = GatewayPeers()
        _ = peers.hear(first, at: start)
        #expect(look(&peers, 0...3).isEmpty)
        #expect(look(&peers, 4...60, isConnected: false).isEmpty)
        #expect(look(&peers, 61...80).map(\.0) == [67])
    }

    @Test("Time in which this process stood still does not count as silence")
    func standstill() {
        var peers = GatewayPeers()
        _ = peers.hear(first, at: start)
        #expect(look(&peers, 0...3).isEmpty)
        #expect(look(&peers, 40...46).isEmpty)
        #expect(look(&peers, 47...47).count == 1)
    }

    @Test("More gateways than are known are passed over")
    func bounds() {
        var peers = GatewayPeers()
        for _ in 0..<GatewayPeers.limit { _ = peers.hear(.make(), at: start) }
        _ = peers.hear(first, at: start)
        #expect(look(&peers, 0...10).count == GatewayPeers.limit)
    }
}
