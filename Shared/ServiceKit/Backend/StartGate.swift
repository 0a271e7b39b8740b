import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import Threads

/// Closed until the schema is ready; then open for good, or barred because the start failed.
final class StartGate: Sendable {
    private struct State {
        /// `nil` while nothing is decided.
        var isOpen: Bool?
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen ?? false } }

    /// Decides, once, for those who wait and those who come later.
    func decide(open: Bool) {
        let waiting = state.withLock { state in
            if state.isOpen == nil { state.isOpen = open }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: isOpen) }
    }

    /// Waits for the decision and returns whether to go on.
    func pass() async -> Bool {
        await withCheckedContinuation { continuation in
            let decided = state.withLock { state in
                if state.isOpen == nil { state.waiting.append(continuation) }
                return state.isOpen
            }
            if let decided { continuation.resume(returning: decided) }
        }
    }
}

/// A part that starts once the schema is ready.
struct AfterGate: Service {
    let gate: StartGate
    let service: any Service

    func run() async throws {
        guard await gate.pass(), !Task.isShuttingDownGracefully else { return }
        try await service.run()
    }
}

/// Brings the schema up to date, or waits until somebody has who may, and does what the service needs before its first request; waits for a database that is
/// away or goes away meanwhile, and for others that are migrating.
struct Preparation: Service {
    let gate: StartGate
    let database: Database
    let migrator: Migrator
    let logger: Logger
    let prepare: @Sendable (Database) async throws -> Void

    func run() async throws {
        // Whatever ends this part, the others must not wait at the gate for ever.
        defer { gate.decide(open: false) }
        let isReady = try await cancelWhenGracefulShutdown { try await repeatUntilReady() }
        gate.decide(open: isReady)
        try? await gracefulShutdown()
    }

    /// - Returns: `false` when told to stop first.
    private func repeatUntilReady() async throws -> Bool {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                try await migrator.migrate(database)
                try await prepare(database)
                return true
            } catch is CancellationError where Task.isCancelled {
                return false
            } catch let error where Self.isWorthWaitingFor(error) {
                logger.warning("waiting for the database", metadata: ["error": "\(error)"])
                try? await Pause.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
        return false
    }
}

extension Preparation {
    /// Whether what failed may come right by itself or by an operator's hand on the database, so that the process stays
    /// and tries again. Trying again does no harm: what was committed, answered or not, is found done.
    ///
    /// What ends the process is what stays as it is however long one waits: faults of the program, and of its
    /// migrations.
    static func isWorthWaitingFor(_ error: any Error) -> Bool {
        switch error {
        case MigrationError.lockTimeout, MigrationError.pending: true
        case MigrationError.failed(_, _, let cause): isWorthWaitingFor(cause)
        case let error as DatabaseError:
            switch error.kind {
            // Only the end of this process closes its database, and that ends the waiting too.
            case .database, .contention, .unknownOutcome: true
            case .work, .program: false
            }
        default: false
        }
    }
}
