import Logging
import Postgres
import ServiceLifecycle
import Synchronization

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

/// Brings the schema up to date and does what the service needs before its first request; waits for a database that is
/// away.
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
            } catch let fault as DatabaseError where fault.kind == .database {
                logger.warning("waiting for the database", metadata: ["error": "\(fault)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
        return false
    }
}
