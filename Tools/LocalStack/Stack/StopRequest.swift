internal import Dispatch
internal import Glibc
internal import Synchronization

/// Thrown where starting is given up because somebody asked to stop.
package struct Stopped: Error {}

/// Remembers that somebody asked the stack to stop: SIGINT, SIGTERM, or the terminal's closing.
package final class StopRequest: Sendable {
    private struct State {
        var count = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Takes these signals over from the system for the rest of the process's life.
    package func listen() {
        // Under nohup the terminal's closing is ignored already and stays so.
        var hangUp = sigaction()
        sigaction(SIGHUP, nil, &hangUp)
        let ignoresHangUp = unsafeBitCast(hangUp.__sigaction_handler.sa_handler, to: Int.self) == 1
        for number in [SIGINT, SIGTERM] + (ignoresHangUp ? [] : [SIGHUP]) {
            Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // A source that nobody holds ends: this one is held by its own handler, for ever.
            source.setEventHandler { withExtendedLifetime(source) { self.ask() } }
            source.resume()
        }
    }

    /// Asks, as a signal would.
    package func ask() {
        let due = state.withLock { state in
            state.count += 1
            let due = state.waiters.filter { $0.count <= state.count }
            state.waiters.removeAll { $0.count <= state.count }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// How often it was asked. Twice means: do not wait.
    package var count: Int { state.withLock { $0.count } }

    /// - Throws: `Stopped` once somebody asked.
    package func check() throws {
        if count > 0 { throw Stopped() }
    }

    /// Waits until it was asked `times` times.
    package func wait(times: Int = 1) async {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.count < times { state.waiters.append((times, continuation)) }
                return state.count >= times
            }
            if known { continuation.resume() }
        }
    }
}
