import HTTPServer
import ServiceKit

/// How many connections clients may have, derived from the descriptors that the process may have.
package struct ConnectionBounds: Sendable, Equatable {
    /// What is left for the operator's port, for telling those who are refused why, and for NATS, files and event loops.
    static let reserve = OperatorServer.connectionLimit + ConnectionTable.refusalLimit + 36
    /// Without a setting, also where the system allows more: each costs memory as well.
    static let most = 65_536
    static let least = 16

    /// In all.
    package var inAll: Int
    /// Of one address, and of one user's sockets.
    package var each: Int
    /// Sockets that nobody has signed in, of one address and in all: never all of the places that there are.
    package var strangers: (each: Int, inAll: Int) { (max(1, each / 2), min(5000, max(1, inAll / 2))) }

    init(inAll: Int, each: Int) {
        self.inAll = inAll
        self.each = each
    }

    /// - Parameters:
    ///   - descriptors: as many as the process may have.
    ///   - wanted: `MAX_CONNECTIONS`, if it is set.
    ///   - each: `RATE_LIMIT_CONNECTIONS`.
    /// - Returns: `nil` when there are too few descriptors for what is wanted, or for anything.
    init?(descriptors: Int, wanted: Int?, each: Int) {
        let possible = descriptors - Self.reserve
        guard possible >= wanted ?? Self.least else { return nil }
        inAll = wanted ?? min(possible, Self.most)
        // Nobody has more than half, so that others find a place.
        self.each = max(1, min(each, inAll / 2))
    }
}
