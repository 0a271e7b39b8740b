import CArgon2

/// What a password hash costs (RFC 9106). The default is OWASP's recommendation for Argon2id, and nothing below it is
/// accepted.
package struct Argon2Parameters: Sendable, Equatable {
    package var memoryKiB: UInt32
    package var iterations: UInt32
    package var lanes: UInt32

    package init(memoryKiB: UInt32 = 19_456, iterations: UInt32 = 2, lanes: UInt32 = 1) {
        self.memoryKiB = memoryKiB
        self.iterations = iterations
        self.lanes = lanes
    }
}

/// Argon2id, version 1.3, as the reference library computes it. The one place that calls it.
enum Argon2 {
    /// The version in an encoded hash.
    static let version = Int(ARGON2_VERSION_13.rawValue)
    /// In bytes.
    static let saltLength = 16
    static let tagLength = 32

    /// Makes the memory of a hash go back to the system when it is freed. Left alone, the allocator keeps such large
    /// blocks for later after the first one, one for each thread.
    static func returnFreedMemory() { mallopt(M_MMAP_THRESHOLD, 1 << 20) }

    /// Takes tens of milliseconds of a processor and `memoryKiB` of memory: never to be called on a thread of Swift's
    /// own pool.
    static func tag(
        password: [UInt8], salt: [UInt8], parameters: Argon2Parameters, length: Int = tagLength
    ) throws(Argon2Error) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: length)
        let status = argon2id_hash_raw(
            parameters.iterations, parameters.memoryKiB, parameters.lanes, password, password.count, salt, salt.count,
            &tag,
            tag.count)
        guard status == ARGON2_OK.rawValue else { throw Argon2Error(status: status) }
        return tag
    }
}

/// The library refused: no memory, or parameters out of its range.
struct Argon2Error: Error, Equatable, CustomStringConvertible {
    var status: Int32

    var description: String { "Argon2: \(argon2_error_message(status).map { String(cString: $0) } ?? String(status))" }
}
