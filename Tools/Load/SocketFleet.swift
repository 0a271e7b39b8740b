internal import Glibc
internal import NIOCore

/// Many sockets on one event loop, so that nothing is locked: opened some at a time, and closed together.
///
/// `@unchecked Sendable`: everything but `open` and `run` happens on that event loop.
final class SocketFleet: @unchecked Sendable {
    /// Handshakes under way at once.
    private static let width = 128

    let loop: any EventLoop
    private let plans: [SocketPlan]
    private unowned let listener: any SocketListener
    private let opened: EventLoopPromise<Void>
    private(set) var sockets: [SocketClient] = []
    private var started = 0
    private var readyCount = 0

    init(_ plans: [SocketPlan], loop: any EventLoop, listener: any SocketListener) {
        self.plans = plans
        self.loop = loop
        self.listener = listener
        opened = loop.makePromise()
    }

    /// Lets this process have as many connections as the system allows.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Returns when all are open and have joined.
    /// - Throws: `LoadFailure` when one of them is refused.
    func open() async throws {
        loop.execute { for _ in 0..<min(Self.width, self.plans.count) { self.openNext() } }
        try await opened.futureResult.get()
    }

    /// To be told by the listener.
    func ready(_ socket: SocketClient) {
        sockets.append(socket)
        readyCount += 1
        if readyCount == plans.count { opened.succeed() } else { openNext() }
    }

    /// To be told by the listener.
    func ended(_ socket: SocketClient, why: String) {
        opened.fail(LoadFailure("socket \(socket.index): \(why)"))
    }

    private func openNext() {
        guard started < plans.count else { return }
        let (plan, index) = (plans[started], started)
        started += 1
        let fleet = self
        plan.address.connect(on: loop) { channel in try fleet.prepare(channel, plan, index) }
            .whenFailure { error in fleet.opened.fail(LoadFailure("socket \(index): \(error)")) }
    }

    private func prepare(_ channel: any Channel, _ plan: SocketPlan, _ index: Int) throws {
        let socket = SocketClient(plan: plan, index: index, listener: listener)
        guard plan.door == .polling else {
            return try channel.pipeline.syncOperations.addHandler(WebSocketCarrier(socket, channel: channel))
        }
        try HTTPConnection.add(to: channel, PollingCarrier(socket, loop: loop))
    }
}
