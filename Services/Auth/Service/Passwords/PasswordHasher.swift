import Messaging
package import Primitives

/// Makes and compares password hashes, a few at a time, on threads of its own: each takes tens of milliseconds of a
/// processor.
///
/// What waits is bounded, in all and for each of the clients' networks, which take turns; what is over is refused, and
/// what nobody waits for any more is dropped.
package final class PasswordHasher: Sendable {
    package let parameters: Argon2Parameters
    private let queue: PasswordQueue
    private let unmatchable: PasswordHash

    /// - Parameters:
    ///   - concurrency: hashes computed at once, which is also how many times `parameters.memoryKiB` is in use at most.
    ///   - waitingLimit: passwords that may wait for their turn; of one network half as many.
    package init(parameters: Argon2Parameters = Argon2Parameters(), concurrency: Int, waitingLimit: Int = 256) {
        self.parameters = parameters
        Argon2.returnFreedMemory()
        queue = PasswordQueue(
            concurrency: concurrency, waitingLimit: waitingLimit, networkLimit: max(1, waitingLimit / 2))
        unmatchable = .unmatchable(parameters: parameters)
    }

    deinit { queue.stop() }

    /// - Parameter client: whose network's turn it takes.
    /// - Throws: `rate-limited` when too many of the network wait, `service-unavailable` when too many do at all,
    ///   `upstream-timeout` when its turn comes after `deadline`.
    package func hash(
        _ password: String, for client: IPAddress? = nil, deadline: ContinuousClock.Instant?
    ) async throws -> PasswordHash {
        let parameters = parameters
        return try await queue.run(for: client?.network, deadline: deadline) {
            let salt = [UInt8].random(count: Argon2.saltLength)
            let tag = try Argon2.tag(password: Array(password.utf8), salt: salt, parameters: parameters)
            return PasswordHash(parameters: parameters, salt: salt, tag: tag)
        }
    }

    /// Whether `hash` is that of `password`. Without a hash, which means without an account, it takes as long and the
    /// answer is no.
    /// - Throws: as `hash`.
    package func verify(
        _ password: String, against hash: PasswordHash?, for client: IPAddress? = nil,
        deadline: ContinuousClock.Instant?
    ) async throws -> Bool {
        let compared = hash ?? unmatchable
        let matches = try await queue.run(for: client?.network, deadline: deadline) {
            let tag = try Argon2.tag(
                password: Array(password.utf8), salt: compared.salt, parameters: compared.parameters,
                length: compared.tag.count)
            return tag.matches(compared.tag)
        }
        return matches && hash != nil
    }

    /// Passwords waiting for their turn now, and those refused since the start; for metrics.
    package var statistics: (waiting: Int, refused: Int) { queue.statistics }
}
