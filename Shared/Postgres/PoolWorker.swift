import Logging
import Threads

/// A thread of the pool with its connection: connects, runs work, rests, and reconnects when the connection is lost.
final class PoolWorker: Sendable {
    let wakeup: Wakeup
    private let pool: Pool

    init(pool: Pool) throws(DatabaseError) {
        self.pool = pool
        wakeup = try DatabaseError.wrapping(Wakeup.init)
    }

    /// The thread's main function. The connection never leaves it.
    func main() {
        var backoff = Backoff()
        var isFirst = true
        while pool.shouldConnect(self, isFirst: isFirst) {
            isFirst = false
            do {
                let connection = try PostgresConnection.open(pool.parameters)
                backoff = Backoff()
                pool.connected(self)
                guard serve(connection) else { return }
                pool.lostConnection(reason: connection.libpqMessage)
            } catch {
                pool.failedToConnect(error)
                wakeup.wait(until: .after(backoff.next()))
            }
        }
    }

    /// Runs work until told to stop (`false`) or the connection is lost (`true`).
    private func serve(_ connection: PostgresConnection) -> Bool {
        var turn = pool.next(for: self, isFresh: true)
        while true {
            switch turn {
            case .run(let work):
                switch work.run(connection, !work.isRepeat) {
                case .again:
                    pool.requeue(work)
                    return true
                case .done(let answer):
                    guard connection.isUsable else {
                        pool.finished()
                        answer()
                        return true
                    }
                    // The caller goes on only when this worker is there for its next call.
                    turn = pool.finishedAndNext(for: self)
                    answer()
                }
            case .rest:
                let isReady = wakeup.wait(socket: connection.socket)
                pool.woke(self)
                if isReady { connection.readUnasked() }
                guard connection.isUsable else { return true }
                turn = pool.next(for: self, isFresh: false)
            case .stop: return false
            }
        }
    }
}

/// Waits between attempts to connect: from 50 ms doubling to 2 s, each up to half shorter so that many processes do not
/// come at once.
struct Backoff {
    private var ceiling = 50

    mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, 2000) }
        return .milliseconds(Int.random(in: ceiling / 2...ceiling))
    }
}
