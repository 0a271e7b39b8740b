internal import ArgumentParser
internal import CArgon2
internal import NIOCore
internal import NIOPosix

/// Password hashes with nothing around them: what a sign-in costs at least.
struct Argon2Limit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "argon2", abstract: "Computes Argon2id hashes on every processor; prints how many a second.")

    @Option(help: "For how long.")
    var seconds: Double = 3

    @Option(help: "Threads. Default: one for each processor.")
    var threads: Int = System.coreCount

    // What the auth service uses unless told otherwise.
    @Option(help: "Memory of a hash in KiB.")
    var memory: UInt32 = 19_456

    @Option(help: "Passes over that memory.")
    var iterations: UInt32 = 2

    func validate() throws {
        guard threads > 0, seconds > 0 else { throw ValidationError("--threads and --seconds must be positive.") }
    }

    func run() async throws {
        // As the auth service does; otherwise every hash of a second thread would be paid for twice.
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        let (memory, iterations) = (memory, iterations)
        let clock = ContinuousClock()
        let begin = clock.now
        let end = begin.advanced(by: .seconds(seconds))
        let hashes = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<threads {
                group.addTask {
                    try await pool.runIfActive {
                        try Self.hash(until: end, clock: clock, memory: memory, iterations: iterations, seed: number)
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = clock.now - begin
        try await pool.shutdownGracefully()
        print("{\"hashes\":\(hashes),\"perSecond\":\(Double(hashes) / (elapsed / .seconds(1)))}")
    }

    /// - Returns: how many hashes were computed.
    private static func hash(
        until end: ContinuousClock.Instant, clock: ContinuousClock, memory: UInt32, iterations: UInt32, seed: Int
    ) throws -> Int {
        let password = Array("a password of the benchmark \(seed)".utf8)
        let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: seed), count: 16)
        var tag = [UInt8](repeating: 0, count: 32)
        var count = 0
        while clock.now < end {
            let status = argon2id_hash_raw(
                iterations, memory, 1, password, password.count, salt, salt.count, &tag, tag.count)
            guard status == ARGON2_OK.rawValue else { throw ValidationError("Argon2 failed with \(status).") }
            count += 1
        }
        return count
    }
}
