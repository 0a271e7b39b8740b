import CNats
import Messaging
import Synchronization
import Threads

/// What blocks in the library, and is therefore done on threads of its own, while the link's goes on with its tasks.
extension Link {
    /// Makes a connection on a thread of its own: it blocks.
    func connection(_ generation: UInt) throws -> NATSConnection {
        let made = Mutex<Result<NATSConnection, any Error>?>(nil)
        try elsewhere { [self] in
            let result = Result<NATSConnection, any Error> {
                try NATSConnection(
                    configuration, generation: generation, wakeup: wakeup, standstill: standstill,
                    atEndOfTurn: atEndOfTurn)
            }
            made.withLock { $0 = result }
        } meanwhile: {
            tick(monotonicNow())
            rest(milliseconds: 50)
        }
        guard let result = made.withLock({ $0 }) else { throw ConnectionError(status: NATS_ERR) }
        return try result.get()
    }

    /// Ends a connection.
    func close(_ connection: NATSConnection) {
        do {
            try elsewhere {
                connection.close()
            } meanwhile: {
                rest(milliseconds: 50)
            }
        } catch {
            connection.close()
        }
    }

    /// Has `body`, which blocks in the library, run on a thread of its own, and does something else until it returns.
    func elsewhere(
        _ body: @escaping @Sendable () -> Void, meanwhile: () -> Void
    ) throws(SystemShortage) {
        try OSThread.run(waking: wakeup) {
            body()
            nats_ReleaseThreadMemory()
        } meanwhile: {
            meanwhile()
        }
    }
}
