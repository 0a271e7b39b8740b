internal import ArgumentParser
internal import NIOCore
internal import NIOPosix

/// `load idle`: sockets that do nothing, to measure what one costs.
struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Opens the sockets of standard input (up to an empty line), says so, and keeps them until it ends.")

    func run() async throws {
        SocketFleet.raiseDescriptorLimit()
        let crowd = IdleCrowd(try SocketPlan.read())
        let begin = ContinuousClock.now
        try await crowd.fleet.open()
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        print("{\"open\":\(crowd.count),\"seconds\":\(seconds)}")
        flushOutput()
        // Blocks this thread alone: the sockets have their own, which goes on answering pings.
        while readLine() != nil {}
        let lost = try await crowd.fleet.loop.submit { crowd.lost }.get()
        print("{\"lost\":\(lost)}")
    }
}

/// Sockets that do nothing but stay.
///
/// `@unchecked Sendable`: on the fleet's event loop only.
final class IdleCrowd: SocketListener, @unchecked Sendable {
    let count: Int
    private let plans: [SocketPlan]
    /// Kept as long as its loop is used, which does not keep it.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private(set) lazy var fleet = SocketFleet(plans, loop: group.next(), listener: self)
    private(set) var lost = 0

    init(_ plans: [SocketPlan]) {
        self.plans = plans
        count = plans.count
    }

    func ready(_ socket: SocketClient) { fleet.ready(socket) }

    func received(_ bytes: UnsafeRawBufferPointer, _ socket: SocketClient) {}

    func ended(_ socket: SocketClient, why: String) {
        lost += 1
        fleet.ended(socket, why: why)
    }
}
