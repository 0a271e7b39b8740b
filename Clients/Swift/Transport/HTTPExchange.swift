import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// What is asked over HTTP.
struct HTTPCall: Sendable {
    var method: String
    /// Behind `/api/v1`, escaped.
    var path: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// Whether doing it twice is doing it once.
    var isRepeatable: Bool
    /// Whether it goes without an access token.
    var isAnonymous = false

    init(_ method: String, _ path: String, isRepeatable: Bool? = nil) {
        self.method = method
        self.path = path
        self.isRepeatable = isRepeatable ?? (method == "GET" || method == "HEAD")
    }
}

/// One request and its answer, over a pool of connections that all clients of the process share.
struct HTTPExchange: Sendable {
    let origin: Origin
    let tls: TLSConfiguration?

    /// Lives as long as the process. Asking again is for `ClientCore`, which knows what may be asked twice.
    private static let pool: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// The largest answer that is read; a page of a list has about 256 KiB.
    private static let largestAnswer = 16 << 20
    /// The server answers within its own deadline or says that it cannot; this is for one that says nothing.
    private static let patience: TimeAmount = .seconds(30)

    /// The body of an answer with 2xx.
    /// - Throws: the ``Problem`` that was answered; `offline` when none was; `CancellationError`.
    func perform(_ call: HTTPCall, token: String?) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: origin.url("/api/v1\(call.path)\(Escaped.query(call.query))"))
        request.method = HTTPMethod(rawValue: call.method)
        request.tlsConfiguration = tls
        request.headers.add(name: "Accept", value: "application/json")
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for header in call.headers { request.headers.add(name: header.name, value: header.value) }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        let status: Int
        let wait: String?
        let bytes: [UInt8]
        do {
            let response = try await Self.pool.execute(request, timeout: Self.patience)
            status = Int(response.status.code)
            wait = response.headers.first(name: "Retry-After")
            bytes = [UInt8](buffer: try await response.body.collect(upTo: Self.largestAnswer))
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw Problem(.offline, "Nobody was reached: \(error)")
        }
        guard !(200..<300).contains(status) else { return bytes }
        // What stands before the gateway may answer otherwise.
        var problem =
            (try? WireCoding.decode(Problem.self, bytes))
            ?? Problem(status == 503 ? .serviceUnavailable : .internal, "HTTP \(status)")
        problem.status = status
        problem.retryAfter = wait.flatMap { Int($0) }.map { .seconds($0) }
        throw problem
    }
}
