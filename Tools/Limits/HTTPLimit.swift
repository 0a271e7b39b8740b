internal import ArgumentParser
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// A bare Hummingbird route that answers bytes made beforehand: what reading an order costs at least.
struct HTTPLimit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Answers every GET with the same bytes, until told to stop.")

    @Option(help: "Port on 127.0.0.1.")
    var port: Int

    @Option(help: "The answer's body.")
    var body: String

    @Option(name: .customLong("header"), help: "One of the answer's header fields, as Name: value. Can be repeated.")
    var headerLines: [String] = []

    func validate() throws {
        for line in headerLines where Self.field(line) == nil {
            throw ValidationError("'\(line)' is not a header field.")
        }
    }

    func run() async throws {
        var headers = HTTPFields()
        for field in headerLines.compactMap(Self.field) { headers.append(field) }
        let answer = Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
        let router = Router()
        router.get("/api/v1/orders/:id") { _, _ in answer }
        var logger = Logger(label: "limits")
        logger.logLevel = .warning
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
        try await application.runService()
    }

    private static func field(_ line: String) -> HTTPField? {
        guard let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) else {
            return nil
        }
        return HTTPField(name: name, value: String(line[line.index(after: colon)...].drop { $0 == " " }))
    }
}
