import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import Primitives
import Testing

@testable import HTTPServer

/// The connection's handler alone, without a task that serves: what it reads, refuses and hands over.
struct HTTPConnectionTests {
    /// Counts how often the channel is asked to read.
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    /// Keeps what comes through.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var bytes = ByteBuffer()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var more = unwrapInboundIn(data)
            bytes.writeBuffer(&more)
        }
    }

    private final class Sink: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
    }

    /// What is to be answered.
    private final class Requests {
        var all: [Request] = []
    }

    private final class Fixture {
        let channel = EmbeddedChannel()
        let counter = ReadCounter()
        let connection: HTTPConnection
        let requests = Requests()
        let decision: EventLoopPromise<ProtocolUpgrade?>

        /// - Parameter address: `nil` for a connection that has no place of its own.
        init(from address: IPAddress? = nil) throws {
            var configuration = HTTPServerConfiguration { refusal, asked in
                (
                    HTTPResponse(
                        status: .badRequest,
                        headerFields: [
                            .contentLength: "3", .server: "\(refusal) \(asked.fields[.origin] ?? "-")",
                        ]),
                    ByteBuffer(string: "why")
                )
            }
            let decision = channel.eventLoop.makePromise(of: ProtocolUpgrade?.self)
            configuration.upgrade = { _, head in head.request.path == "/ws" ? decision.futureResult : nil }
            self.decision = decision
            let table = ConnectionTable(limit: 10)
            connection = HTTPConnection(configuration: configuration, connections: table) { [requests] request, _ in
                requests.all.append(request)
            }
            if let address, case .admitted(let place) = table.enter(address, giveWay: {}) { connection.place = place }
            try channel.pipeline.syncOperations.addHandlers([counter, connection])
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        deinit {
            // Promises that nobody keeps end the test process.
            decision.fail(ChannelError.eof)
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }

        func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        /// What has been written since this was asked last.
        func written() throws -> String {
            var text = ""
            while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
            return text
        }

        func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

        /// Whether asking to read reaches the socket.
        func reads() -> Bool {
            let before = counter.count
            channel.pipeline.read()
            return counter.count > before
        }
    }

    private static let handshake = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    private static let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test("While a handshake is decided nothing is read, and what came behind it is the new protocol's")
    func handover() throws {
        let fixture = try Fixture()
        #expect(fixture.reads())
        try fixture.receive(Self.handshake + "frames")
        #expect(!fixture.reads())
        #expect(try fixture.written() == "")
        let collector = Collector()
        let bound = NIOLoopBound(collector, eventLoop: fixture.channel.eventLoop)
        let before = fixture.counter.count
        fixture.decision.succeed(
            ProtocolUpgrade(response: HTTPResponse(status: .switchingProtocols, headerFields: [.upgrade: "x"])) {
                try $0.pipeline.syncOperations.addHandler(bound.value)
            })
        fixture.channel.embeddedEventLoop.run()
        #expect(
            try fixture.written() == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
        #expect(String(buffer: collector.bytes) == "frames")
        // The read that was held back is made up for, or the socket would stay silent for ever.
        #expect(fixture.counter.count == before + 1)
        try fixture.receive("more")
        #expect(String(buffer: collector.bytes) == "framesmore")
        #expect(throws: (any Error).self) {
            try fixture.channel.pipeline.syncOperations.handler(type: HTTPConnection.self)
        }
    }

    @Test("A handshake that is not accepted is a request like any other, and nothing behind it is looked at")
    func declined() throws {
        let fixture = try Fixture()
        try fixture.receive(Self.handshake + Self.request)
        fixture.decision.succeed(nil)
        fixture.channel.embeddedEventLoop.run()
        #expect(fixture.requests.all.last?.head.path == "/ws")
        #expect(
            fixture.connection.mustClose(try #require(fixture.connection.exchange), HTTPResponse(status: .unauthorized))
        )
        #expect(!fixture.reads())
    }

    @Test("A connection that goes away while a handshake is decided takes nothing with it")
    func vanished() throws {
        let fixture = try Fixture()
        try fixture.receive(Self.handshake)
        try fixture.channel.close().wait()
        fixture.decision.succeed(nil)
        fixture.channel.embeddedEventLoop.run()
        #expect(fixture.requests.all.isEmpty)
    }

    @Test("While a request is answered, one that came behind it waits, and no more is read")
    func pipelined() throws {
        let fixture = try Fixture()
        try fixture.receive(Self.request)
        #expect(fixture.requests.all.last?.head.path == "/")
        #expect(fixture.reads(), "The end of the connection is still noticed")
        try fixture.receive("nonsense that is no request\r\n\r\n")
        #expect(!fixture.reads())
        #expect(try fixture.written() == "", "It is not refused before the request is answered")
    }

    @Test("Behind 429 the next request waits, its bytes with the client; behind anything else it does not")
    func excess() async throws {
        let fixture = try Fixture(from: IPAddress("192.0.2.1"))
        func answer(_ status: HTTPResponse.Status) async {
            let response = Response(status: status, headers: [.contentLength: "0"])
            await fixture.connection.write(response, on: fixture.channel)
        }
        try fixture.receive(Self.request + Self.request)
        await answer(.ok)
        #expect(fixture.requests.all.count == 2)
        await answer(.tooManyRequests)
        try fixture.receive(Self.request)
        #expect(fixture.requests.all.count == 2 && !fixture.reads())
        fixture.pass(.milliseconds(51))
        #expect(fixture.requests.all.count == 3)
        await answer(.tooManyRequests)
        try fixture.receive(Self.request)
        fixture.pass(.milliseconds(51))
        #expect(fixture.requests.all.count == 3, "Twice as long this time")
        fixture.pass(.milliseconds(51))
        #expect(fixture.requests.all.count == 4)
        let proxied = try Fixture()
        try proxied.receive(Self.request)
        await proxied.connection.write(Response(status: .tooManyRequests), on: proxied.channel)
        try proxied.receive(Self.request)
        #expect(proxied.requests.all.count == 2, "Others may be behind the same connection")
    }

    @Test("A client that ends while its connection rests, and a server that stops, end it")
    func restingEnds() async throws {
        for ends in [true, false] {
            let fixture = try Fixture(from: IPAddress("192.0.2.1"))
            try fixture.receive(Self.request)
            await fixture.connection.write(Response(status: .tooManyRequests), on: fixture.channel)
            if ends {
                fixture.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            } else {
                fixture.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            }
            fixture.pass(.seconds(10))
            #expect(!fixture.channel.isActive)
        }
    }

    @Test("A body is not read before it is asked for")
    func body() throws {
        let fixture = try Fixture()
        try fixture.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart")
        #expect(!fixture.requests.all.isEmpty)
        #expect(!fixture.reads())
        #expect(fixture.connection.exchange?.pieces.readableBytes == 4)
    }

    @Test("Half a head is no reason to stop reading; a refused one is answered, and the rest thrown away")
    func refused() throws {
        let fixture = try Fixture()
        try fixture.receive("GET / HTTP/1.1\r\nHost")
        #expect(fixture.reads())
        try fixture.receive(" : h\r\n\r\n" + Self.request)
        let text = try fixture.written()
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && text.contains("\r\nConnection: close\r\n"))
        #expect(fixture.requests.all.isEmpty)
        try fixture.receive(Self.request)
        #expect(fixture.connection.buffer.readableBytes == 0 && fixture.requests.all.isEmpty)
        #expect(try fixture.written() == "")
    }

    @Test("A refusal of HEAD has no body either")
    func refusedHead() throws {
        let fixture = try Fixture()
        try fixture.receive("HEAD / HTTP/1.1\r\n\r\n")
        let text = try fixture.written()
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && text.hasSuffix("\r\n\r\n"))
        let other = try Fixture()
        try other.receive("GET / HTTP/1.1\r\n\r\n")
        #expect(try other.written().hasSuffix("\r\n\r\nwhy"))
    }

    @Test("A connection without a request is closed after 30 seconds, one whose client does not go on after 75")
    func idle() throws {
        let silent = try Fixture()
        silent.pass(.seconds(29))
        try silent.receive("GET / HT")
        #expect(silent.channel.isActive)
        silent.pass(.seconds(2))
        #expect(try silent.written().hasPrefix("HTTP/1.1 400"), "Half a request is none")
        silent.pass(.seconds(3))
        #expect(!silent.channel.isActive)
        let served = try Fixture()
        try served.receive(Self.request)
        served.pass(.seconds(500))
        #expect(served.channel.isActive, "An answer may take its time")
        served.connection.answered(closes: false)
        served.pass(.seconds(60))
        try served.receive(Self.request)
        served.connection.answered(closes: false)
        served.pass(.seconds(70))
        #expect(served.channel.isActive)
        served.pass(.seconds(80))
        #expect(!served.channel.isActive)
    }

    @Test("A head that does not come to an end is refused, however slowly its bytes come")
    func slowHead() throws {
        let fixture = try Fixture()
        fixture.pass(.seconds(5))
        for byte in "GET /abc" {
            try fixture.receive(String(byte))
            fixture.pass(.seconds(1))
        }
        #expect(try fixture.written() == "")
        fixture.pass(.seconds(3))
        #expect(try fixture.written().contains("tooSlow"))
        fixture.pass(.seconds(3))
        #expect(!fixture.channel.isActive)
        let served = try Fixture()
        try served.receive(Self.request)
        served.connection.answered(closes: false)
        served.pass(.seconds(20))
        try served.receive("\r\nGET / HT")
        served.pass(.seconds(9))
        #expect(served.channel.isActive)
        served.pass(.seconds(2))
        #expect(try served.written().contains("tooSlow"))
        try served.receive("TP/1.1\r\nHost: h\r\n\r\n")
        #expect(served.requests.all.count == 1)
    }

    @Test("A client that takes none of its answer is cut off, one that takes a little at a time is not")
    func slowReader() throws {
        let table = ConnectionTable(limit: 10)
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        let sink = Sink()
        let configuration = HTTPServerConfiguration { _, _ in (HTTPResponse(status: .badRequest), ByteBuffer()) }
        let connection = HTTPConnection(configuration: configuration, connections: table) { _, _ in }
        try channel.pipeline.syncOperations.addHandlers([sink, connection])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        #expect(!table.holdsTooMuch)
        connection.beginWriteWatch()
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        connection.endWriteWatch()
        channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        #expect(channel.isActive, "It has taken what was there")
        connection.beginWriteWatch()
        channel.embeddedEventLoop.advanceTime(by: .seconds(11))
        #expect(!channel.isActive)
    }

    @Test("A server that stops closes a connection that has nothing in work")
    func quiescing() throws {
        let fixture = try Fixture()
        fixture.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        fixture.pass(.seconds(3))
        #expect(!fixture.channel.isActive)
        let busy = try Fixture()
        try busy.receive(Self.request)
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        busy.pass(.seconds(3))
        #expect(busy.channel.isActive)
        #expect(busy.connection.mustClose(try #require(busy.connection.exchange), HTTPResponse(status: .ok)))
    }

    @Test("A head that is too large is refused when its end has come, and the answer knows the origin behind the fault")
    func skimming() throws {
        let long = String(repeating: "x", count: 9000)
        let wide = String(repeating: "x", count: 17_000)
        let line = "GET / HTTP/1.1\r\nHost: h\r\n"
        let table = [
            ("GET /\(long) HTTP/1.1\r\nHost: h\r\n", "Origin: o\r\n", "targetTooLong o"),
            (line + "X: \(wide)\r\n", "ORIGIN:  o \r\nX: y\r\n", "fieldsTooLarge o"),
            (line + "Origin: o\r\nX: \(wide)\r\n", "", "fieldsTooLarge o"),
            (line + "X: \(wide)\r\n", "X-Origin: o\r\n", "fieldsTooLarge -"),
            (line + "X: \(wide)\r\n", "Origin: \(long)\r\n", "fieldsTooLarge -"),
            (line + "X: \(wide)\r\n", "Origin: o\r\nOrigin: p\r\n", "fieldsTooLarge o, p"),
        ]
        for (start, rest, answer) in table {
            let fixture = try Fixture()
            for piece in [String(start.prefix(8500)), String(start.dropFirst(8500)), rest] {
                try fixture.receive(piece)
                #expect(try fixture.written() == "")
            }
            // What stands behind the head is not its own.
            try fixture.receive("\r\nOrigin: body\r\n\r\n")
            #expect(try fixture.written().contains("Server: \(answer)\r\n"), "\(answer)")
            fixture.pass(.seconds(3))
            #expect(!fixture.channel.isActive)
        }
    }

    @Test("The end of a head that is too large is waited for a second, and not past another 64 KiB")
    func skimmingEnds() throws {
        let start = "GET /" + String(repeating: "x", count: 9000)
        let slow = try Fixture()
        try slow.receive(start)
        slow.pass(.milliseconds(900))
        #expect(try slow.written() == "")
        slow.pass(.milliseconds(200))
        #expect(try slow.written().contains("Server: targetTooLong -\r\n"))
        let endless = try Fixture()
        try endless.receive(start)
        for _ in 0..<8 { try endless.receive(start) }
        #expect(try endless.written().contains("Server: targetTooLong -\r\n"))
        let gone = try Fixture()
        try gone.receive(start)
        gone.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try gone.written().contains("Server: targetTooLong -\r\n"))
    }
}
