internal import Foundation
internal import Glibc
internal import Logs

/// Starts this same program in the background and waits until its stack is ready or it has died.
package struct DetachedStart: Sendable {
    /// The descriptor on which the one in the background says that it is ready.
    package static let readyDescriptor: Int32 = 3

    private let data: DataDirectory
    private let arguments: [String]

    /// - Parameter arguments: those of the program to start, without its name.
    /// - Throws: `StackError` when the data directory cannot be made.
    package init(data path: String, arguments: [String]) throws {
        data = try DataDirectory(making: path)
        self.arguments = arguments
    }

    /// Shows what the program in the background writes, until it is ready.
    ///
    /// - Throws: `StackError` when it ended before; what it wrote has been shown then.
    package func run(stop: StopRequest) async throws {
        // Said here and not by the other one, which would write into the log of the stack that runs.
        _ = try data.lock()
        let log = LogFile(path: data.supervisorLog)
        log.rotateIfLarge()
        var shown = log.size
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw StackError("No pipe can be made.") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        guard let program = realpath("/proc/self/exe", nil) else { throw StackError("/proc is not readable.") }
        defer { free(program) }
        let pid = try spawn(
            [String(cString: program)] + arguments, environment: ProcessInfo.processInfo.environment,
            output: log.path, passing: ends[1], newSession: true)
        close(ends[1])

        var forwarded = 0
        while true {
            // Looked at before the log is copied, so that nothing written before the end is missed.
            let state = Self.state(of: pid, ready: ends[0])
            shown = copy(log, from: shown)
            switch state {
            case .ready: return
            case .dead:
                throw stop.count > 0 ? StackError("Stopped.") : StackError("Nothing is left running; see \(log.path).")
            case .starting: break
            }
            if stop.count > forwarded {
                forwarded = stop.count
                kill(pid, SIGTERM)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Says on the descriptor that the stack is ready.
    package static func announceReady() {
        // What was said before stands in the log then, where the other one reads it.
        LineWriter.standard.flush(within: LineWriter.endLimit)
        write(readyDescriptor, "1", 1)
        close(readyDescriptor)
    }

    /// Keeps the descriptor from the processes that the stack starts.
    package static func keepDescriptor() {
        _ = fcntl(readyDescriptor, F_SETFD, FD_CLOEXEC)
    }

    private enum State {
        case starting, ready, dead
    }

    private static func state(of pid: Int32, ready: Int32) -> State {
        var descriptor = pollfd(fd: ready, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, 0) > 0, descriptor.revents & Int16(POLLIN) != 0 { return .ready }
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == 0 ? .starting : .dead
    }

    private func copy(_ log: LogFile, from offset: UInt64) -> UInt64 {
        let end = log.size
        guard end > offset else { return offset }
        let text = log.text(from: offset, limit: end - offset)
        LineWriter.standard.write(text, to: LineWriter.standardOutput)
        return offset + UInt64(text.utf8.count)
    }
}
