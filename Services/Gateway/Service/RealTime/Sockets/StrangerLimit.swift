import Primitives
import Synchronization

/// How many sockets may be open that have not said whose they are, from one address and in all: they cost as much as
/// others, and nobody answers for them.
final class StrangerLimit: Sendable {
    /// One of them; given up once.
    struct Place: Sendable {
        fileprivate let limit: StrangerLimit
        fileprivate let network: IPAddress?

        func leave() { limit.leave(network) }
    }

    private struct State {
        var byAddress: [IPAddress?: Int] = [:]
        var count = 0
    }

    private let perAddress: Int
    private let inAll: Int
    private let state = Mutex(State())

    /// As many as there may be.
    static let none = StrangerLimit(perAddress: .max, inAll: .max)

    init(perAddress: Int, inAll: Int) {
        self.perAddress = perAddress
        self.inAll = inAll
    }

    /// - Parameter address: counted by its network; without one, all count together.
    /// - Returns: `nil` when there are too many.
    func enter(_ address: IPAddress?) -> Place? {
        let network = address?.network
        return state.withLock { state in
            let count = state.byAddress[network] ?? 0
            guard count < perAddress, state.count < inAll else { return nil }
            state.byAddress[network] = count + 1
            state.count += 1
            return Place(limit: self, network: network)
        }
    }

    private func leave(_ network: IPAddress?) {
        state.withLock { state in
            let left = (state.byAddress[network] ?? 1) - 1
            state.byAddress[network] = left > 0 ? left : nil
            state.count -= 1
        }
    }
}
