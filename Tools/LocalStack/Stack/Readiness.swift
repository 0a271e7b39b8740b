/// Waits until one process of the stack is ready.
struct Readiness {
    /// A start that takes longer has failed.
    static let limit = Duration.seconds(60)
    /// So many exits of its own before it was ever ready mean that it cannot start: most often a wrong setting.
    static let failedStarts = 3

    let process: SupervisedProcess
    let stop: StopRequest

    /// Waits until `missing` says nothing is missing.
    ///
    /// - Parameter missing: given the process's id; returns `nil` when it is ready, else what it waits for, as far as
    ///   known.
    /// - Throws: `StackError` with the end of the process's log, or `Stopped` when asked to stop.
    func wait(_ missing: (Int32) async -> String?) async throws {
        let deadline = ContinuousClock.now + Self.limit
        var lacking = ""
        while true {
            try stop.check()
            try Task.checkCancellation()
            if let pid = await process.pid {
                guard let answer = await missing(pid) else { return await process.becameReady() }
                lacking = answer
            }
            if await process.failedStarts >= Self.failedStarts {
                throw StackError(
                    "\(process.plan.name) cannot start. The end of \(process.plan.log):\n\(await process.logEnding)")
            }
            guard ContinuousClock.now < deadline else {
                let detail = lacking.isEmpty ? "" : " It says: \(lacking.prefix(500))"
                throw StackError(
                    "\(process.plan.name) was not ready within \(Self.limit.inSeconds).\(detail)"
                        + " The end of \(process.plan.log):\n\(await process.logEnding)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until the probe is answered with 200.
    func wait(probing probe: HealthProbe) async throws {
        try await wait { _ in
            guard let answer = await probe.ask() else { return "" }
            return answer.status == 200 ? nil : answer.body
        }
    }
}
