import Glibc
import TestKit
import Testing

/// A pipe whose reading end a test may stall, drain or close.
final class Pipe: Sendable {
    let writeEnd: Int32
    private let readEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        // The smallest there is, one page, so that it is soon full; reading never waits.
        _ = fcntl(writeEnd, 1031, 4096)
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(writeEnd)
        close(readEnd)
    }

    /// Makes writing fail with EAGAIN where it would wait.
    func doNotWait() { _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK) }

    /// Leaves the pipe without a reader: what reads from now on reads something else.
    func loseReader() throws {
        let other = open("/dev/null", O_RDONLY | O_CLOEXEC)
        try #require(dup2(other, readEnd) >= 0)
        close(other)
    }

    /// From now on what is written here goes into `other`.
    func become(_ other: Pipe) throws { try #require(dup2(other.writeEnd, writeEnd) >= 0) }

    /// Whether the pipe takes not a byte more.
    var isFull: Bool {
        var end = pollfd(fd: writeEnd, events: Int16(POLLOUT), revents: 0)
        return poll(&end, 1, 0) == 0
    }

    /// What there is now.
    func read() -> String {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(readEnd, &part, part.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += part[..<count]
        }
    }

    /// Reads until `isEnough`.
    func read(until isEnough: (String) -> Bool) async throws -> String {
        var text = ""
        return try await eventually("enough is written") {
            text += read()
            return text
        } is: {
            isEnough($0)
        }
    }
}
