internal import ArgumentParser
internal import NIOCore

/// For how long a run of messages is measured, and how that is done.
struct MeasuredTime: ParsableArguments {
    @Option(help: "How long it is measured.")
    var seconds: Double = 4

    @Option(help: "For how long before that.")
    var warmUp: Double = 1

    /// Opens the run's sockets, begins it, measures, waits for what is under way, and prints what came of it; says when
    /// the measured time begins and ends.
    func measure(_ run: ChatRun, begin: @escaping @Sendable (ChatRun) -> Void) async throws {
        SocketFleet.raiseDescriptorLimit()
        try await run.fleet.open()
        let loop = run.fleet.loop
        try await loop.submit { begin(run) }.get()
        try await Task.sleep(for: .seconds(warmUp))
        let clock = ContinuousClock()
        let start = clock.now
        try await loop.submit { run.measure() }.get()
        Mark.begin.say()
        try await Task.sleep(for: .seconds(seconds))
        try await loop.submit { run.stopMeasuring() }.get()
        Mark.end.say()
        let measured = (clock.now - start) / .seconds(1)
        try await loop.submit { run.stopSending() }.get()
        for _ in 0..<100 where try await !loop.submit({ run.isSettled }).get() {
            try await Task.sleep(for: .milliseconds(50))
        }
        print(try await loop.submit { run.json(seconds: measured) }.get())
    }
}
