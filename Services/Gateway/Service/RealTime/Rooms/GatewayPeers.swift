import Contracts

/// Which other gateways are there, by when each was heard last. A pure value.
struct GatewayPeers {
    typealias Instant = ContinuousClock.Instant

    /// How often a gateway says that it is there.
    static let heartbeat = Duration.seconds(3)
    /// A gateway that was not heard for so long is given up.
    static let silence = Duration.seconds(10)
    /// Gateways that are known; more are passed over.
    static let limit = 1024
    /// Between two looks that are farther apart this process stood still, and what the others said waits unread.
    private static let standstill = Duration.seconds(3)
    /// How long it is remembered that a gateway was given up.
    private static let memory = Duration.seconds(300)

    private var heard: [GatewayID: Instant] = [:]
    private var givenUp: [GatewayID: Instant] = [:]
    private var lookedAt: Instant?

    /// Something came from a gateway.
    /// - Returns: whether it was given up before: what it had told is forgotten and must be asked for anew.
    mutating func hear(_ gateway: GatewayID, at now: Instant) -> Bool {
        guard heard[gateway] != nil || heard.count < Self.limit else { return false }
        heard[gateway] = now
        return givenUp.removeValue(forKey: gateway) != nil
    }

    /// A gateway has said that it goes.
    mutating func leave(_ gateway: GatewayID) {
        heard[gateway] = nil
        givenUp[gateway] = nil
    }

    /// A gateway that is silent had told something, which is forgotten now.
    mutating func giveUp(_ gateway: GatewayID, at now: Instant) {
        if givenUp.count < Self.limit { givenUp[gateway] = now }
    }

    /// Who is silent, and known no more from now on. To be called about every second.
    /// - Parameter isConnected: the time without a link does not count, nor does the time in which this process stood
    ///   still: nobody could be heard.
    mutating func look(at now: Instant, isConnected: Bool) -> [GatewayID] {
        let passed = lookedAt.map { now - $0 } ?? .zero
        lookedAt = now
        if !isConnected || passed > Self.standstill { heard = heard.mapValues { min(now, $0 + passed) } }
        givenUp = givenUp.filter { now - $0.value < Self.memory }
        let silent = heard.filter { now - $0.value >= Self.silence }.map(\.key)
        for gateway in silent { heard[gateway] = nil }
        return silent
    }
}
