import Logging

/// A thread of the pool with its connection: connects, runs work, rests, and reconnects when the connection is lost.
final class PoolWorker: Sendable {
    let wakeup: Wakeup
    private let pool: Pool

    init(pool: Pool) throws(DatabaseError) {
        self.pool = pool
        wakeup = try Wakeup()
    }

    /// The thread's main function. The connection never leaves it.
    func main() {
        var backoff = Backoff()
        var isFirst = true
        while pool.shouldConnect(self, isFirst: isFirst) {
            isFirst = false
            do {
                let connection = try Connection.open(pool.parameters)
                backoff = Backoff()
                pool.connected()
                guard serve(connection) else { return }
                pool.lostConnection()
            } catch {
                pool.failedToConnect(error)
                _ = wakeup.wait(until: .after(backoff.next()))
            }
        }
    }

    /// Runs work until told to stop (`false`) or the connection is lost (`true`).
    private func serve(_ connection: Connection) -> Bool {
        while connection.isUsable {
            switch pool.next(for: self) {
            case .run(var work):
                let outcome = work.run(connection, !work.isRepeat)
                work.isRepeat = true
                pool.finished(again: outcome == .again ? work : nil)
            case .rest:
                let reason = wakeup.wait(socket: connection.socket)
                pool.woke(self)
                if reason.socketIsReady { connection.readUnasked() }
            case .stop: return false
            }
        }
        return true
    }
}

/// Waits between attempts to connect: from 50 ms doubling to 2 s, each up to half shorter so that many processes do not come at once.
struct Backoff {
    private var ceiling = 50

    mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, 2000) }
        return .milliseconds(Int.random(in: ceiling / 2...ceiling))
    }
}
