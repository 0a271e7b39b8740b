internal import Glibc

/// A program that is run to its end while the stack starts.
struct Command {
    private let plan: ProcessPlan

    init(_ plan: ProcessPlan) {
        self.plan = plan
    }

    /// - Throws: `StackError` with the end of its output unless it exits with 0; `Stopped` when `stop` is asked for
    ///   meanwhile, or `limit` is over, after the program has been ended.
    func run(stop: StopRequest? = nil, within limit: Duration? = nil) async throws {
        let start = LogFile(path: plan.log).size
        let child = try await ChildProcess.start(plan)
        var ended: ProcessExit?
        let end = limit.map { ContinuousClock.now + $0 }
        while ended == nil, (stop?.count ?? 0) == 0, end.map({ ContinuousClock.now < $0 }) ?? true {
            ended = await child.exit(within: .milliseconds(200))
        }
        guard let exit = ended else {
            child.signal(limit == nil ? SIGTERM : SIGKILL)
            if await child.exit(within: .seconds(10)) == nil { child.signal(SIGKILL) }
            _ = await child.exit()
            throw Stopped()
        }
        guard exit == .status(0) else {
            throw StackError("\(plan.name) \(exit):\n\(LogFile(path: plan.log).ending(from: start))")
        }
    }
}
