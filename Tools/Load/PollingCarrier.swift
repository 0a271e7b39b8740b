internal import NIOCore
internal import NIOHTTP1

/// A socket's session of long-polling (https://socket.io/docs/v4/engine-io-protocol/).
///
/// One connection that is kept carries the handshake, the polls, and the posts of a client that has something to say
/// between two of them. Whoever has while a poll waits gets a second one for posts, as a browser does; so a socket that
/// does nothing has one, and one that sends has two.
final class PollingCarrier: HTTPListener, SocketCarrier {
    private static let separator: UInt8 = 0x1E
    /// What the gateway takes in one body.
    private static let largestPost = 64 * 1024

    private let socket: SocketClient
    private let loop: any EventLoop
    private var first: HTTPConnection?
    /// For posts alone.
    private var second: HTTPConnection?
    /// Under way, on whichever connection.
    private var post: HTTPConnection?
    private var isOpeningSecond = false
    /// Packets that wait for the next post, separated. Over what a post may have the socket ends.
    private var waiting = ByteBuffer()
    /// While packets are taken: what they cause goes into one post, and the next poll behind it.
    private var isTaking = false
    private var hasEnded = false
    private var pollHead: HTTPRequestHead
    private var postHead: HTTPRequestHead

    init(_ socket: SocketClient, loop: any EventLoop) {
        self.socket = socket
        self.loop = loop
        let address = socket.plan.address
        let fields = HTTPHeaders([("Host", "\(address.host):\(address.port)")])
        pollHead = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/socket.io/?EIO=4&transport=polling", headers: fields)
        postHead = pollHead
        postHead.method = .POST
        postHead.headers.add(name: "Content-Type", value: "text/plain;charset=UTF-8")
    }

    func send(_ body: (inout ByteBuffer) -> Void) {
        if waiting.readableBytes > 0 { waiting.writeInteger(Self.separator) }
        body(&waiting)
        guard waiting.readableBytes <= Self.largestPost else { return socket.end("more to send than a post may have") }
        work()
    }

    func close() {
        hasEnded = true
        first?.close()
        second?.close()
    }

    /// Asks for what is due on the connections that are free.
    private func work() {
        guard !isTaking, !hasEnded, let first else { return }
        if waiting.readableBytes > 0, post == nil {
            if let connection = second ?? (first.isWorking ? nil : first) {
                sendPost(on: connection)
            } else {
                openSecond()
            }
        }
        if !first.isWorking { first.send(pollHead, nil) }
    }

    private func sendPost(on connection: HTTPConnection) {
        post = connection
        var head = postHead
        head.headers.add(name: "Content-Length", value: String(waiting.readableBytes))
        let body = waiting
        waiting = ByteBuffer()
        connection.send(head, body)
    }

    private func openSecond() {
        guard !isOpeningSecond else { return }
        isOpeningSecond = true
        let carrier = NIOLoopBound(self, eventLoop: loop)
        socket.plan.address.connect(on: loop) { try HTTPConnection.add(to: $0, carrier.value) }
            .whenFailure { carrier.value.socket.end("\($0)") }
    }

    // MARK: What the connections tell

    func joined(_ connection: HTTPConnection) {
        guard !hasEnded else { return connection.close() }
        guard first != nil else {
            first = connection
            socket.opened(self)
            return connection.send(pollHead, nil)
        }
        second = connection
        work()
    }

    func answered(_ connection: HTTPConnection, _ answer: HTTPAnswer) {
        guard answer.status == 200 else {
            return socket.end("refused: \(answer.status) \(String(buffer: answer.body).prefix(100))")
        }
        if post === connection { post = nil } else { take(answer.body) }
        work()
    }

    func ended(_ connection: HTTPConnection, isWorking: Bool) { socket.end("connection lost") }

    /// Hands on the packets of a poll's answer; the first of a session says what it is called.
    private func take(_ body: ByteBuffer) {
        isTaking = true
        defer { isTaking = false }
        body.withUnsafeReadableBytes { bytes in
            if bytes.first == UInt8(ascii: "0") { begin(bytes) }
            for packet in bytes.split(separator: Self.separator) {
                socket.text(UnsafeRawBufferPointer(rebasing: packet))
            }
        }
    }

    private func begin(_ handshake: UnsafeRawBufferPointer) {
        guard let start = ByteScan.end(of: "\"sid\":\"", in: handshake) else { return socket.end("no session") }
        let name = String(decoding: handshake[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        pollHead.uri += "&sid=\(name)"
        postHead.uri = pollHead.uri
    }
}
