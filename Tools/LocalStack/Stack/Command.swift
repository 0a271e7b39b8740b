/// A program that is run to its end while the stack starts.
struct Command {
    private let plan: ProcessPlan

    init(_ plan: ProcessPlan) {
        self.plan = plan
    }

    /// - Throws: `StackError` with the end of its output unless it exits with 0.
    func run() async throws {
        let start = LogFile(path: plan.log).size
        let exit = await (try ChildProcess.start(plan)).exit()
        guard exit == .status(0) else {
            throw StackError("\(plan.name) \(exit):\n\(LogFile(path: plan.log).ending(from: start))")
        }
    }
}
