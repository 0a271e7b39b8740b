internal import ArgumentParser

/// `load chat`: messages sent over sockets, and how long they take to come to the others in the room.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Sends in rooms and checks what every socket there hears; the sockets come from standard input.")

    @Option(help: "Messages of each sender under way at once.")
    var window = 1

    @Option(help: "Messages a second altogether, instead of a window; latency counts from when each was due.")
    var rate: Double?

    @OptionGroup var time: MeasuredTime

    func validate() throws {
        guard window > 0, window < 1024, rate ?? 1 > 0 else {
            throw ValidationError("--window must be from 1 to 1023 and --rate positive.")
        }
    }

    func run() async throws {
        let (window, rate, time) = (window, rate, time)
        try await time.measure(ChatRun(try SocketPlan.read(), release: .acknowledged)) { run in
            if let rate {
                run.beginPaced(rate: rate, seconds: time.warmUp + time.seconds)
            } else {
                run.beginClosed(window: window)
            }
        }
    }
}

/// `load fan-out`: one sender, and a room full of sockets.
struct FanOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "One sender, many readers: the next message goes when everybody has one of those under way.")

    @Option(help: "Messages under way at once.")
    var window = 4

    @OptionGroup var time: MeasuredTime

    func run() async throws {
        let window = window
        try await time.measure(ChatRun(try SocketPlan.read(), release: .delivered)) { $0.beginClosed(window: window) }
    }
}
