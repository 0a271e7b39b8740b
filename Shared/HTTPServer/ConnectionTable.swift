import NIOCore
package import Primitives
import Synchronization

/// The connections of a server: how many there may be, in all and of one address, and which of them gives way.
///
/// A connection costs memory and a descriptor, and whoever opens many that say nothing would leave none to others. When
/// all places are taken, those that have waited longest for their client give theirs up to newcomers: a client whose
/// connection was idle opens another and notices nothing, one that keeps many open only to hold them keeps none.
package final class ConnectionTable: Sendable {
    /// One connection's place. May be used from anywhere.
    package final class Place: Sendable {
        fileprivate let network: IPAddress?
        /// Since when it waits for its client, in nanoseconds of NIO's clock; 0 while it does not.
        private let waitsSince: Atomic<UInt64>
        fileprivate let giveWay: @Sendable () -> Void

        fileprivate init(network: IPAddress?, giveWay: @escaping @Sendable () -> Void) {
            self.network = network
            self.giveWay = giveWay
            waitsSince = Atomic(NIODeadline.now().uptimeNanoseconds)
        }

        /// The next step is the client's.
        func awaitsClient(since moment: NIODeadline) {
            waitsSince.store(moment.uptimeNanoseconds, ordering: .relaxed)
        }

        /// The next step is ours, or another protocol's.
        func isInWork() { waitsSince.store(0, ordering: .relaxed) }

        fileprivate var waiting: UInt64? {
            let since = waitsSince.load(ordering: .relaxed)
            return since == 0 ? nil : since
        }
    }

    /// What becomes of a newcomer.
    enum Admission {
        case admitted(Place)
        /// Served nothing but why.
        case refused(Refusal)
        /// There is no place even for a refusal.
        case turnedAway
    }

    private static let firstRest = TimeAmount.milliseconds(50)
    private static let longestRest = TimeAmount.seconds(10)

    /// How many connections that are refused may be told so at once.
    package static let refusalLimit = 32

    /// An address, or a /64 of IPv6, as long as it has connections.
    private struct Network {
        var connections = 0
        /// How many of its requests were answered with 429, each no later than `longestRest` behind the one before.
        var excesses = 0
        var lastExcess = NIODeadline.uptimeNanoseconds(0)
    }

    private struct State {
        var places: [ObjectIdentifier: Place] = [:]
        var byNetwork: [IPAddress: Network] = [:]
        /// Of the places, those that have been asked to give way and are still there.
        var leaving: Set<ObjectIdentifier> = []
        var refusals = 0
    }

    /// How many there may be, those that are refused aside.
    package let limit: Int
    private let perNetwork: Int
    private let isExempt: @Sendable (IPAddress) -> Bool
    private let state = Mutex(State())
    /// Bytes that wait for clients that are slow to take them, as far as they were looked at.
    private let unsent = Atomic<Int>(0)
    /// Of those; over it whoever takes nothing is cut off at once.
    private static let unsentLimit = 64 * 1024 * 1024
    private let refused = Atomic<Int>(0)
    private let gaveWay = Atomic<Int>(0)

    /// - Parameters:
    ///   - limit: connections in all.
    ///   - perAddress: of one address; IPv6 is counted by /64.
    ///   - isExempt: addresses that stand for many clients: proxies.
    package init(
        limit: Int, perAddress: Int = .max, isExempt: @escaping @Sendable (IPAddress) -> Bool = { _ in false }
    ) {
        self.limit = limit
        perNetwork = perAddress
        self.isExempt = isExempt
    }

    package var count: Int { state.withLock { $0.places.count } }

    /// Connections refused since the start.
    package var refusedCount: Int { refused.load(ordering: .relaxed) }

    /// Connections that had to give way since the start.
    package var gaveWayCount: Int { gaveWay.load(ordering: .relaxed) }

    /// Connections since the start that were too many: refused, or taken in place of others.
    var excessCount: Int { refusedCount + gaveWayCount }

    /// More, or less, waits for slow clients.
    func addUnsent(_ bytes: Int) { unsent.add(bytes, ordering: .relaxed) }

    /// Whether so much waits for slow clients that none can be waited for.
    var holdsTooMuch: Bool { unsent.load(ordering: .relaxed) > Self.unsentLimit }

    /// - Parameter giveWay: called when the place is wanted for another; closes the connection if it still waits for
    ///   its client, and calls `keep` if it does not.
    func enter(_ address: IPAddress?, giveWay: @escaping @Sendable () -> Void) -> Admission {
        let network = address.flatMap { isExempt($0) ? nil : $0.network }
        let (admission, leaving) = state.withLock { state -> (Admission, [Place]) in
            if let network, state.byNetwork[network]?.connections ?? 0 >= perNetwork {
                return (refuse(.tooManyConnections, &state), [])
            }
            var leaving: [Place] = []
            if state.places.count - state.leaving.count >= limit {
                leaving = longestWaiting(state)
                guard !leaving.isEmpty else { return (refuse(.overloaded, &state), []) }
                state.leaving.formUnion(leaving.map(ObjectIdentifier.init))
            }
            let place = Place(network: network, giveWay: giveWay)
            state.places[ObjectIdentifier(place)] = place
            if let network { state.byNetwork[network, default: Network()].connections += 1 }
            return (.admitted(place), leaving)
        }
        for place in leaving { place.giveWay() }
        gaveWay.add(leaving.count, ordering: .relaxed)
        return admission
    }

    /// Its connection was asked to give way, and is in work by now: it counts as before.
    func keep(_ place: Place) { state.withLock { _ = $0.leaving.remove(ObjectIdentifier(place)) } }

    /// For how long a connection that was told that its client asks too often is not listened to: twice as long for each
    /// time that its address is told so; `nil` where many stand behind the address.
    func rest(_ place: Place, now: NIODeadline = .now()) -> TimeAmount? {
        guard let address = place.network else { return nil }
        return state.withLock { state in
            guard var network = state.byNetwork[address] else { return nil }
            if now - network.lastExcess > Self.longestRest { network.excesses = 0 }
            network.excesses += 1
            network.lastExcess = now
            state.byNetwork[address] = network
            return min(Self.longestRest, Self.firstRest * (1 << min(network.excesses - 1, 16)))
        }
    }

    /// Gives a place up; any number of times.
    func leave(_ place: Place) { state.withLock { remove(place, &$0) } }

    /// The answer to one that was refused is out.
    func leaveRefused() { state.withLock { $0.refusals -= 1 } }

    private func refuse(_ refusal: Refusal, _ state: inout State) -> Admission {
        refused.add(1, ordering: .relaxed)
        guard state.refusals < Self.refusalLimit else { return .turnedAway }
        state.refusals += 1
        return .refused(refusal)
    }

    private func remove(_ place: Place, _ state: inout State) {
        guard state.places.removeValue(forKey: ObjectIdentifier(place)) != nil else { return }
        state.leaving.remove(ObjectIdentifier(place))
        guard let network = place.network else { return }
        state.byNetwork[network]?.connections -= 1
        if state.byNetwork[network]?.connections == 0 { state.byNetwork[network] = nil }
    }

    /// Several at a time, as looking through all of them for each newcomer would be too much.
    private func longestWaiting(_ state: State) -> [Place] {
        let waiting = state.places.compactMap { id, place in
            state.leaving.contains(id) ? nil : place.waiting.map { (place, $0) }
        }
        return waiting.sorted { $0.1 < $1.1 }.prefix(max(1, limit / 64)).map(\.0)
    }
}
