internal import DequeModule
internal import NIOCore
internal import NIOHTTP1

/// What is due, which connections are free for it, and what came of it.
///
/// Not really sendable: everything happens on one event loop.
final class HTTPRun: HTTPListener, @unchecked Sendable {
    private let loop: any EventLoop
    /// Taken in turn.
    private let requests: [HTTPRequestHead]
    private let body: ByteBuffer?
    /// A field that gets another value with every request.
    private let keyHeader: String?
    /// Of this run, so that no other has used its keys.
    private let keyPrefix = "load-\(UInt64.random(in: .min ... .max))-"
    private var free: [HTTPConnection] = []
    private var due: Deque<UInt64> = []
    private var sent = 0
    private var measureFrom: UInt64 = 0
    private var latencies = Latencies()
    private var statuses: [Int: Int] = [:]
    /// Connections that ended under a request.
    private var broken = 0
    private(set) var unfinished = 0

    init(loop: any EventLoop, requests: [HTTPRequestHead], body: ByteBuffer?, keyHeader: String?) {
        self.loop = loop
        self.requests = requests
        self.body = body
        self.keyHeader = keyHeader
    }

    func begin(rate: Double, warmUp: Double, seconds: Double) {
        measureFrom = NIODeadline.now().uptimeNanoseconds + UInt64(warmUp * 1e9)
        Pacer(loop: loop, rate: rate, seconds: warmUp + seconds) { moment in
            self.due.append(moment)
            self.unfinished += 1
            self.work()
        }.tick()
    }

    func joined(_ connection: HTTPConnection) {
        free.append(connection)
        work()
    }

    func answered(_ connection: HTTPConnection, _ answer: HTTPAnswer) {
        unfinished -= 1
        if answer.due >= measureFrom {
            statuses[answer.status, default: 0] += 1
            latencies.record(nanoseconds: NIODeadline.now().uptimeNanoseconds - answer.due)
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
        while !due.isEmpty, let connection = free.popLast() {
            let moment = due.removeFirst()
            sent += 1
            var head = requests[sent % requests.count]
            if let keyHeader { head.headers.add(name: keyHeader, value: "\(keyPrefix)\(sent)") }
            connection.send(head, body, due: moment)
        }
    }

    func json(seconds: Double) -> String {
        let counts = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        let answered = statuses.values.reduce(0, +)
        return "{\"perSecond\":\(Double(answered) / seconds),\"statuses\":{\(counts)},\"broken\":\(broken),"
            + "\"unfinished\":\(unfinished),\"latency\":\(latencies.json)}"
    }
}
