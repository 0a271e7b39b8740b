import Dispatch
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOWebSocket
import Synchronization
import TestKit
import Testing

@testable import SocketServer

/// Sessions that poll, and change to a WebSocket on another event loop, under clients that do anything in any order;
/// which loop goes on when is drawn too.
@Suite(.bounded(minutes: 60), .seeded)
struct PollingFuzzTests {
    @Test("Every request is answered once, messages keep their order through a change, and nothing is left")
    func sessions() async throws {
        var generator = SeededGenerator()
        try await Fuzz.rounds(150, of: "PollingTransport") { _ in
            let run = try await Run(&generator)
            for _ in 0..<Int.random(in: 1...80, using: &generator) { try await run.step(&generator) }
            try await run.end()
        }
    }
}

/// Two event loops whose time is the test's.
private final class Loops: EventLoopGroup {
    let all = [NIOAsyncTestingEventLoop(), NIOAsyncTestingEventLoop()]

    func next() -> any EventLoop { all[0] }
    func makeIterator() -> EventLoopIterator { EventLoopIterator(all) }
    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        callback(nil)
    }
}

/// The server's side of a session: notes what comes.
private final class Peer: SocketPeer {
    let connection: SocketConnection
    let closings = Mutex(0)

    init(_ connection: SocketConnection) { self.connection = connection }

    func received(_ message: SocketMessage) async {}
    func isWelcome() -> Bool { true }
    func overstayed() {}
    func closed() { closings.withLock { $0 += 1 } }
}

/// What requests were answered, in that order.
private final class Answers: Sendable {
    private let answers = Mutex<[EngineIOAnswer?]>([])

    var all: [EngineIOAnswer?] { answers.withLock { $0 } }

    func add(_ answer: EngineIOAnswer?) { answers.withLock { $0.append(answer) } }
}

/// One session, and its client.
private final class Run {
    private let loops = Loops()
    private let acceptor: SocketAcceptor
    private let peer: Peer
    private let socket: SocketConnection
    private let answers = Answers()
    private var asked = 0
    /// Numbers of what was sent last, by the client and by the server.
    private var clientLast = 0
    private var serverLast = 0
    /// Numbers of what has come, at the server and, by a WebSocket, at the client.
    private var atServer: [Int] = []
    private var byWebSocket: [Int] = []
    private var channels: [NIOAsyncTestingChannel] = []

    init(_ generator: inout SeededGenerator) async throws {
        var settings = SocketSettings()
        settings.pingInterval = .milliseconds(300)
        settings.pingTimeout = .milliseconds(200)
        settings.unreadLimit = generator.chance(4) ? 200 : 1 << 20
        acceptor = SocketAcceptor(settings, loops: SocketLoops(loops), name: "fuzz")
        let (acceptor, loop) = (acceptor, loops.all[0])
        let opening = Task { await acceptor.openPolling(on: loop) { Peer($0) } }
        while acceptor.count == 0 { await loop.run() }
        _ = await opening.value
        guard let socket = acceptor.sockets.first, let peer = socket.peer as? Peer else {
            throw TestFailure("no session")
        }
        (self.socket, self.peer) = (socket, peer)
    }

    private var sid: String { socket.sessionID }

    func step(_ generator: inout SeededGenerator) async throws {
        switch Int.random(in: 0..<30, using: &generator) {
        case 0..<4: ask { $0.poll($1, patience: nil) }
        case 4: ask { $0.poll($1, patience: .milliseconds(50)) }
        case 5..<9: post(&generator)
        case 9..<13:
            for _ in 0..<Int.random(in: 1...5, using: &generator) { send() }
        case 13: if generator.chance(4) { acceptor.abandon(sid) }
        case 14: if generator.chance(4) { socket.close(.normalClosure) }
        case 15: if channels.count < 3 { try await open(behind: generator.chance(3)) }
        case 16, 17: try await say("2probe", &generator)
        case 18, 19: try await say("5", &generator)
        case 20, 21:
            clientLast += 1
            try await say("4\(clientLast)", &generator)
        case 22:
            if generator.chance(4) {
                try await say(["1", "x", "3", "2", "6"].randomElement(using: &generator) ?? "", &generator)
            }
        case 23:
            if generator.chance(4), let channel = channels.randomElement(using: &generator) {
                channel.close(promise: nil)
            }
        case 24:
            let time = TimeAmount.milliseconds(Int64.random(in: 0...120, using: &generator))
            for loop in loops.all { await loop.advanceTime(by: time) }
            SocketSweeper(acceptor).sweep()
        case 25, 26: work(Int.random(in: 1...40, using: &generator))
        default: await loops.all[Int.random(in: 0...1, using: &generator)].run()
        }
        try await hear()
    }

    private func ask(_ ask: @escaping @Sendable (PollingTransport, PollingTransport.Answer) -> Void) {
        let answer = acceptor.asked(sid, ask)
        asked += 1
        answer.whenComplete { [answers] in answers.add((try? $0.get()) ?? nil) }
    }

    /// Numbers go on where those before ended: a request that is refused leaves a gap.
    private func post(_ generator: inout SeededGenerator) {
        var packets: [String] = []
        for _ in 0..<Int.random(in: 1...(generator.chance(5) ? 60 : 4), using: &generator) {
            clientLast += 1
            packets.append("4\(clientLast)")
        }
        if generator.chance(3) { packets.append(["3", "2x", "6", "5"].randomElement(using: &generator) ?? "3") }
        if generator.chance(25) { packets.append(["1", "", "x", "0"].randomElement(using: &generator) ?? "1") }
        let body = Array(packets.joined(separator: "\u{1e}").utf8)
        ask { $0.post(body, $1) }
    }

    private func send() {
        serverLast += 1
        socket.send(.text(ByteBuffer(string: "4\(serverLast)")))
    }

    private func open(behind: Bool) async throws {
        let loop = loops.all[1 - channels.count % 2]
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1))
        let (acceptor, sid) = (acceptor, sid)
        let opening = loop.submit {
            try acceptor.openUpgrade(of: sid, on: channel)
            if behind { channel.pipeline.fireChannelRead(Self.frame("2probe")) }
        }
        await loop.run()
        try await opening.get()
        channels.append(channel)
    }

    private static func frame(_ text: String) -> ByteBuffer {
        // Under a mask of zeros.
        ByteBuffer(bytes: [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8))
    }

    private func say(_ text: String, _ generator: inout SeededGenerator) async throws {
        guard let channel = generator.chance(6) ? channels.last : channels.first, channel.isActive else { return }
        let loop = channel.testingEventLoop
        loop.execute { channel.pipeline.fireChannelRead(Self.frame(text)) }
        if generator.chance(2) { await loop.run() }
    }

    /// As the worker does it, on a task of the socket's loop.
    private func work(_ most: Int) {
        for _ in 0..<most {
            guard let message = socket.next() else { break }
            guard case .text(let text) = message, let number = Int(String(decoding: text, as: UTF8.self)) else {
                Issue.record("came: \(message)")
                continue
            }
            atServer.append(number)
        }
        _ = socket.rests()
    }

    private func hear() async throws {
        for channel in channels {
            while let frame = try await channel.readOutbound(as: ByteBuffer.self) {
                let bytes = Array(frame.readableBytesView)
                // Texts are short: a head of two bytes.
                guard bytes[0] == 0x81 else { continue }
                let text = String(decoding: bytes[2...], as: UTF8.self)
                if text.hasPrefix("4") { byWebSocket.append(Int(text.dropFirst()) ?? -1) }
            }
        }
    }

    /// Lets everything come to its end, and looks at what there was.
    func end() async throws {
        for _ in 0..<40 {
            for loop in loops.all { await loop.advanceTime(by: .milliseconds(250)) }
            work(200)
            SocketSweeper(acceptor).sweep()
        }
        try await hear()
        let answers = answers.all
        #expect(answers.count == asked, "every request is answered")
        #expect(acceptor.count == 0 && acceptor.session(sid) == nil, "nothing is left")
        #expect(peer.closings.withLock { $0 } == 1, "the peer is told once")
        #expect(socket.isClosed)
        for channel in channels { #expect(!channel.isActive, "no WebSocket is left") }
        var byPolls: [Int] = []
        for answer in answers {
            guard let answer, answer.status == .ok, String(buffer: answer.body) != "ok" else { continue }
            for packet in String(buffer: answer.body).split(separator: "\u{1e}") where packet.hasPrefix("4") {
                byPolls.append(Int(packet.dropFirst()) ?? -1)
            }
        }
        let atClient = byPolls + byWebSocket
        #expect(Self.isIncreasing(atServer), "at the server: \(atServer)")
        // Without gaps: what was sent behind the last that came was lost with the session, and nothing else.
        #expect(atClient == Array(1..<atClient.count + 1), "at the client: \(atClient)")
    }

    private static func isIncreasing(_ numbers: [Int]) -> Bool {
        zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    }
}
