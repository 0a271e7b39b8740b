import Synchronization

/// How many sockets may be open that have not said whose they are, from one address and in all: they cost as much as
/// others, and nobody answers for them.
final class StrangerLimit: Sendable {
    /// One of them; given up once.
    struct Place: Sendable {
        fileprivate let limit: StrangerLimit
        fileprivate let address: String

        func leave() { limit.leave(address) }
    }

    private struct State {
        var byAddress: [String: Int] = [:]
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

    /// - Returns: `nil` when there are too many.
    func enter(_ address: String) -> Place? {
        state.withLock { state in
            let count = state.byAddress[address] ?? 0
            guard count < perAddress, state.count < inAll else { return nil }
            state.byAddress[address] = count + 1
            state.count += 1
            return Place(limit: self, address: address)
        }
    }

    private func leave(_ address: String) {
        state.withLock { state in
            let left = (state.byAddress[address] ?? 1) - 1
            state.byAddress[address] = left > 0 ? left : nil
            state.count -= 1
        }
    }
}
