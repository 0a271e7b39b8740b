internal import NIOCore

/// Calls at a constant rate, whatever becomes of the calls: each gets the moment at which it was due, from which its
/// latency counts. A server that stalls is charged for everything that waited meanwhile (no coordinated omission).
///
/// On one event loop.
final class Pacer {
    private let loop: any EventLoop
    private let interval: Double
    private let begin: UInt64
    private let end: UInt64
    private var count = 0
    private let call: (UInt64) -> Void

    /// - Parameters:
    ///   - rate: calls a second.
    ///   - seconds: how long.
    init(loop: any EventLoop, rate: Double, seconds: Double, call: @escaping (UInt64) -> Void) {
        self.loop = loop
        interval = 1e9 / rate
        begin = NIODeadline.now().uptimeNanoseconds
        end = begin + UInt64(seconds * 1e9)
        self.call = call
    }

    func tick() {
        let now = NIODeadline.now().uptimeNanoseconds
        var due = moment(count)
        while due <= now, due < end {
            count += 1
            call(due)
            due = moment(count)
        }
        guard due < end else { return }
        loop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(due)) { self.tick() }
    }

    private func moment(_ index: Int) -> UInt64 { begin + UInt64(Double(index) * interval) }
}
