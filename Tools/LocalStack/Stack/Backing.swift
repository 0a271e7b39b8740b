internal import Glibc

/// The servers the services stand on: PostgreSQL and NATS.
struct Backing {
    let data: DataDirectory
    let console: Console
    let stop: StopRequest
    let supervision: Supervision
    let record: RunRecord
    let secrets: Secrets
    let postgres: PostgresServer
    let nats: NATSServer
    /// The database that `run.json` names: one that exists.
    let database: String

    /// Starts both at the same time and waits until they serve; a new cluster is made first.
    ///
    /// - Parameter prepare: done as soon as PostgreSQL serves.
    /// - Throws: `StackError`, or `Stopped` when asked to stop.
    func start(prepare: @escaping @Sendable (PostgresServer) async throws -> Void) async throws {
        let queue = SupervisedProcess(
            nats.plan, console: console,
            started: { [record, nats] pid in
                await record.change { $0.nats = .init(url: nats.url, monitor: nats.monitor, pid: pid) }
            })
        let server = SupervisedProcess(
            postgres.plan, console: console,
            prepare: { [postgres] in await postgres.clearLeftovers() },
            started: { [record, url = postgres.url(database: database)] pid in
                await record.change { $0.postgres = .init(url: url, pid: pid) }
            })
        await record.change { [plans = [postgres.plan, nats.plan]] file in
            for plan in plans { file.logs[plan.name] = plan.log }
        }
        // PostgreSQL is launched first because it is stopped last.
        await supervision.launch([server])
        await supervision.launch([queue])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let begun = ContinuousClock.now
                try await Readiness(process: server, stop: stop).wait { pid in postgres.isReady(pid: pid) ? nil : "" }
                console.step("PostgreSQL \(postgres.binaries.major) on port \(postgres.port)", since: begun)
                try await prepare(postgres)
            }
            group.addTask {
                let begun = ContinuousClock.now
                try await Readiness(process: queue, stop: stop).wait(probing: nats.health)
                console.step("NATS on port \(nats.port)", since: begun)
            }
            try await group.waitForAll()
        }
    }
}
