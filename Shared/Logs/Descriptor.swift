internal import Glibc

/// `write(2)` as one wants it: to the end, and with an answer instead of a trap.
package enum Descriptor {
    /// How far a write came.
    package struct Outcome: Equatable {
        /// Bytes written.
        package var count: Int
        /// 0, or the `errno` that ended it.
        package var error: Int32

        /// Whether all of it was written.
        package var isWhole: Bool { error == 0 }
    }

    /// Writes all of `bytes`: goes on after a partial write and an interruption, and waits for a reader however the
    /// descriptor is set. A signal is never raised: the process must ignore SIGPIPE (`Descriptor.ignoreBrokenPipes`).
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Outcome {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = Glibc.write(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                if count > 0 {
                    written += count
                    continue
                }
                let reason = count < 0 ? errno : EIO
                switch reason {
                case EINTR: continue
                case EAGAIN:
                    // Whoever shares the descriptor made it so that it does not wait.
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, -1)
                default: return Outcome(count: written, error: reason)
                }
            }
            return Outcome(count: written, error: 0)
        }
    }

    /// Makes a reader that has gone away an error of the write, for the whole process, instead of a signal that ends
    /// it. What every program does first.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
