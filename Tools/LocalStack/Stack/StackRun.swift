internal import Glibc

/// One run of a stack: has its data directory for itself, starts it, waits for a request to stop, stops it.
package struct StackRun {
    let data: DataDirectory
    let console: Console
    let stop: StopRequest
    let supervision = Supervision()
    let record: RunRecord

    package init(data: DataDirectory, console: Console, stop: StopRequest) {
        self.data = data
        self.console = console
        self.stop = stop
        record = RunRecord(path: data.runFile, console: console)
    }

    /// Runs until asked to stop.
    ///
    /// - Parameters:
    ///   - start: starts everything and returns when it is ready.
    ///   - ready: called then, with `run.json` in its place.
    /// - Throws: what `start` throws, after everything that was started has been stopped.
    package func run(
        start: (StackRun) async throws -> Void, ready: () async -> Void
    ) async throws {
        let lock = try data.lock()
        await record.withdraw()
        await endLeftovers()
        Self.raiseFileLimit()

        async let supervising: Void = supervision.run()
        var failure: (any Error)?
        do {
            try await start(self)
            await record.publish()
            await ready()
            await stop.wait()
        } catch {
            failure = error
        }
        console.line(failure == nil || failure is Stopped ? "\nStopping …" : "\nStopping what was started …")
        await stopAll()
        await supervising
        await record.withdraw()
        _ = consume lock
        if let failure, !(failure is Stopped) { throw failure }
    }

    /// Stops in order; a further request to stop makes it wait for nothing.
    private func stopAll() async {
        let begun = ContinuousClock.now
        // Cancelled where this scope ends.
        async let _ = hurryWhenAskedAgain()
        await supervision.stop()
        console.step("Stopped", since: begun)
    }

    private func hurryWhenAskedAgain() async {
        // Whoever stops a program often signals it and its group, which is one request.
        try? await Task.sleep(for: .seconds(1))
        let known = stop.count
        while !Task.isCancelled {
            if stop.count > known { return await supervision.hurry() }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Ends what a killed stack left running, so that nothing else uses the data or the ports.
    private func endLeftovers() async {
        let find = { ProcessTable.marked(data.path) }
        guard !find().isEmpty else { return }
        console.line("Stopping processes that a killed stack left in \(data.path) …")
        if await !ProcessTable.end(SIGTERM, within: .seconds(5), find: find) {
            _ = await ProcessTable.end(SIGKILL, within: .seconds(5), find: find)
        }
    }

    /// A gateway holds a descriptor for each socket; the usual soft limit of 1,024 is meant for programs that use
    /// select.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
