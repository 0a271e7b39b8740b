internal import NIOCore

/// What is due, which connections are free for it, and what came of it.
///
/// Not really sendable: everything happens on one event loop.
final class HTTPRun: @unchecked Sendable {
    private let loop: any EventLoop
    private let requests: [String]
    private let tail: String
    /// Of this run, so that no other has used its keys; `nil` when requests carry none.
    private let keyPrefix: String?
    private var free: [HTTPConnection] = []
    private var due: [UInt64] = []
    private var nextDue = 0
    private var sent = 0
    private var measureFrom: UInt64 = 0
    private var latencies = Latencies()
    private var statuses: [Int: Int] = [:]
    /// Connections that ended under a request.
    private var broken = 0
    private(set) var unfinished = 0

    init(loop: any EventLoop, requests: [String], tail: String, hasKey: Bool) {
        self.loop = loop
        self.requests = requests
        self.tail = tail
        keyPrefix = hasKey ? "load-\(UInt64.random(in: .min ... .max))-" : nil
    }

    func begin(rate: Double, warmUp: Double, seconds: Double) {
        measureFrom = NIODeadline.now().uptimeNanoseconds + UInt64(warmUp * 1e9)
        Pacer(loop: loop, rate: rate, seconds: warmUp + seconds) { moment in
            self.due.append(moment)
            self.unfinished += 1
            self.work()
        }.tick()
    }

    func join(_ connection: HTTPConnection) {
        free.append(connection)
        work()
    }

    func answered(_ connection: HTTPConnection, status: Int, due moment: UInt64) {
        unfinished -= 1
        if moment >= measureFrom {
            statuses[status, default: 0] += 1
            latencies.record(nanoseconds: NIODeadline.now().uptimeNanoseconds - moment)
        }
        free.append(connection)
        work()
    }

    func ended(_ connection: HTTPConnection, isWorking: Bool) {
        broken += 1
        if isWorking { unfinished -= 1 }
        free.removeAll { $0 === connection }
    }

    private func work() {
        while nextDue < due.count, let connection = free.popLast() {
            let moment = due[nextDue]
            nextDue += 1
            if nextDue == due.count {
                due.removeAll(keepingCapacity: true)
                nextDue = 0
            }
            sent += 1
            let key = keyPrefix.map { "\($0)\(sent)" } ?? ""
            connection.send(requests[sent % requests.count], key, tail, due: moment)
        }
    }

    func json(seconds: Double) -> String {
        let counts = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        let answered = statuses.values.reduce(0, +)
        return "{\"perSecond\":\(Double(answered) / seconds),\"statuses\":{\(counts)},\"broken\":\(broken),"
            + "\"unfinished\":\(unfinished),\"latency\":\(latencies.json)}"
    }
}
