internal import Glibc

/// One process of the stack, kept running until it is stopped.
package actor SupervisedProcess {
    package nonisolated let plan: ProcessPlan
    private let console: Console
    /// Done before each start, the first included.
    private let prepare: @Sendable () async -> Void
    /// Told the process's id after each start.
    private let started: @Sendable (Int32) async -> Void
    private var child: ChildProcess?
    private var starting = false
    private var stopping = false
    private var hurried = false
    /// Where this life's part of the log begins.
    private var logStart: UInt64 = 0
    /// Exits of its own before it was first ready: several mean that it cannot start at all.
    package private(set) var failedStarts = 0
    private var wasReady = false

    package init(
        _ plan: ProcessPlan, console: Console,
        prepare: @escaping @Sendable () async -> Void = {},
        started: @escaping @Sendable (Int32) async -> Void = { _ in }
    ) {
        self.plan = plan
        self.console = console
        self.prepare = prepare
        self.started = started
    }

    /// The process's id while it runs.
    package var pid: Int32? { child?.pid }

    /// What this life wrote last, for a message.
    package var logEnding: String { LogFile(path: plan.log).ending(from: logStart) }

    /// From here on an exit is a death to recover from, not a failure to start.
    package func becameReady() {
        wasReady = true
    }

    /// Starts the process, again whenever it ends, until `stop()`.
    package func run() async {
        var delay = RestartDelay()
        while !stopping {
            let begun = ContinuousClock.now
            let death = await live()
            if stopping { return }
            let life = ContinuousClock.now - begun
            let pause = delay.next(afterLife: life)
            console.failure(
                "\(plan.name) \(death) after \(life.inSeconds); it is started again in \(pause.inSeconds)."
                    + " The end of \(plan.log):\n\(logEnding)")
            await rest(pause)
        }
    }

    /// Stops the process with its plan's steps, then with SIGKILL; returns when it has ended.
    package func stop() async {
        stopping = true
        while starting { try? await Task.sleep(for: .milliseconds(5)) }
        guard let child else { return }
        for step in hurried ? Array(plan.stopping.dropFirst()) : plan.stopping {
            child.signal(step.signal)
            if await child.exit(within: step.limit) != nil { return }
            console.failure("\(plan.name) did not stop within \(step.limit.inSeconds).")
        }
        child.signal(SIGKILL)
        _ = await child.exit()
    }

    /// Goes on to the last step of stopping at once, whether or not its turn has come.
    package func hurry() {
        stopping = true
        hurried = true
        child?.signal(plan.stopping.count > 1 ? plan.stopping[plan.stopping.count - 1].signal : SIGKILL)
    }

    /// One life: how it ended, in words.
    private func live() async -> String {
        starting = true
        await prepare()
        logStart = LogFile(path: plan.log).size
        do {
            let child = try await ChildProcess.start(plan)
            self.child = child
            starting = false
            if !stopping { await started(child.pid) }
            let exit = await child.exit()
            self.child = nil
            if case .status = exit, !wasReady { failedStarts += 1 }
            return "(pid \(child.pid)) \(exit)"
        } catch {
            starting = false
            failedStarts += 1
            return "could not be started (\(error))"
        }
    }

    private func rest(_ pause: Duration) async {
        let end = ContinuousClock.now + pause
        while !stopping && ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    }
}
