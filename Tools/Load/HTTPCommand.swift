internal import ArgumentParser
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// `load http`: requests over connections that are kept, and how long they took.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Requests at a constant rate; latency counts from the moment each was due.")

    @Option(name: .customLong("url"), help: "Address of the request; several are taken in turn.")
    var addresses: [ServerAddress]

    @Option var method = "GET"

    @Option(help: "The request's body, as JSON.")
    var body: String?

    @Option(name: .customLong("header"), help: "A header field, as Name: value. Can be repeated.")
    var headers: [String] = []

    @Option(help: "A header field that gets another value with every request.")
    var keyHeader: String?

    @Option(help: "Connections, each with one request at a time.")
    var connections = 64

    @Option(help: "Requests a second.")
    var rate: Double

    @Option(help: "How long it is measured.")
    var seconds: Double = 5

    @Option(help: "For how long before that.")
    var warmUp: Double = 0

    func validate() throws {
        guard let first = addresses.first, rate > 0, connections > 0 else {
            throw ValidationError("--url, --rate and --connections must say something.")
        }
        guard headers.allSatisfy({ $0.contains(":") }) else { throw ValidationError("--header must be Name: value.") }
        guard addresses.allSatisfy({ $0.host == first.host && $0.port == first.port }) else {
            throw ValidationError("All addresses must be of one server.")
        }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let run = HTTPRun(
            loop: loop, requests: addresses.map { head(for: $0) }, body: body.map { ByteBuffer(string: $0) },
            keyHeader: keyHeader)
        let address = addresses[0]
        for _ in 0..<connections {
            _ = try await address.connect(on: loop) { try HTTPConnection.add(to: $0, run) }.get()
        }
        let (rate, seconds, warmUp) = (rate, seconds, warmUp)
        try await loop.submit { run.begin(rate: rate, warmUp: warmUp, seconds: seconds) }.get()
        try await Task.sleep(for: .seconds(warmUp))
        Mark.begin.say()
        try await Task.sleep(for: .seconds(seconds))
        Mark.end.say()
        // What is under way gets time to end; what then has not is said.
        for _ in 0..<100 where try await loop.submit({ run.unfinished > 0 }).get() {
            try await Task.sleep(for: .milliseconds(50))
        }
        print(try await loop.submit { run.json(seconds: seconds) }.get())
    }

    private func head(for address: ServerAddress) -> HTTPRequestHead {
        var fields = HTTPHeaders([("Host", "\(address.host):\(address.port)")])
        for header in headers {
            let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            fields.add(name: String(parts[0]), value: String(parts[1].trimmingPrefix(" ")))
        }
        if let body {
            fields.add(name: "Content-Type", value: "application/json")
            fields.add(name: "Content-Length", value: String(body.utf8.count))
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: address.path, headers: fields)
    }
}
