import NIOCore
import NIOEmbedded
import TestKit
import Testing

@testable import SocketServer

@Suite(.bounded)
struct PollingTransportTests {
    /// A session on an event loop whose time is the test's.
    private struct Session {
        let loop = NIOAsyncTestingEventLoop()
        let acceptor: SocketAcceptor
        let socket: SocketConnection

        init(_ change: (inout SocketSettings) -> Void = { _ in }) async throws {
            var settings = SocketSettings()
            change(&settings)
            acceptor = SocketAcceptor(settings, loops: SocketLoops(loop), name: "test")
            let (acceptor, loop) = (acceptor, loop)
            let opening = Task { await acceptor.openPolling(on: loop) { _ in Silent() } }
            while acceptor.count == 0 { await loop.run() }
            _ = await opening.value
            guard let socket = acceptor.sockets.first else { throw TestFailure("no session") }
            self.socket = socket
        }

        /// The answer, which must be there when the loop has had its turn.
        func ask(
            _ ask: @escaping @Sendable (PollingTransport, PollingTransport.Answer) -> Void
        ) async throws -> EngineIOAnswer? {
            let answer = acceptor.asked(socket.sessionID, ask)
            await loop.run()
            return try await answer.get()
        }

        func poll() async throws -> String? {
            try await ask { $0.poll($1, patience: nil) }.map { String(buffer: $0.body) }
        }

        func post(_ body: String) async throws -> EngineIOAnswer? { try await ask { $0.post(Array(body.utf8), $1) } }

        func pass(_ time: TimeAmount) async {
            await loop.advanceTime(by: time)
            SocketSweeper(acceptor).sweep()
            await loop.run()
        }
    }

    private struct Silent: SocketPeer {
        func received(_ message: SocketMessage) async {}
        func isWelcome() -> Bool { true }
        func overstayed() {}
        func closed() {}
    }

    @Test("What a client does not fetch is bounded, however it is written")
    func unread() async throws {
        let session = try await Session { $0.unreadLimit = 1000 }
        for _ in 0..<10 {
            #expect(!session.socket.isClosed)
            session.socket.send(.text(ByteBuffer(repeating: 0x34, count: 101)))
            await session.loop.run()
        }
        #expect(session.socket.isClosed)
    }

    @Test("Whoever is not read is not taken for silent")
    func paused() async throws {
        let session = try await Session()
        let body = Array(repeating: "4x", count: 100).joined(separator: "\u{1e}")
        let answer = session.acceptor.asked(session.socket.sessionID) { $0.post(Array(body.utf8), $1) }
        await session.pass(.seconds(25))
        await session.pass(.seconds(21))
        #expect(!session.socket.isClosed)
        while session.socket.next() != nil { await session.loop.run() }
        #expect(try await answer.get() == .taken)
        await session.pass(.seconds(10))
        #expect(!session.socket.isClosed)
        await session.pass(.seconds(25))
        await session.pass(.seconds(21))
        #expect(session.socket.isClosed)
    }

    @Test("A poll that is sent again gets the same answer, and the next one what comes then")
    func sentAgain() async throws {
        let session = try await Session()
        func poll(_ tag: String) async throws -> String? {
            try await session.ask { $0.poll($1, patience: .milliseconds(1), tag: tag) }.map { String(buffer: $0.body) }
        }
        session.socket.send(.text(ByteBuffer(string: "4a")))
        await session.loop.run()
        #expect(try await poll("1") == "4a")
        session.socket.send(.text(ByteBuffer(string: "4b")))
        await session.loop.run()
        #expect(try await poll("1") == "4a")
        #expect(try await poll("2") == "4b")
        // One that waits is sent again: whoever waited for it has gone, and the session goes on.
        let lost = session.acceptor.asked(session.socket.sessionID) { $0.poll($1, patience: nil, tag: "3") }
        let again = session.acceptor.asked(session.socket.sessionID) { $0.poll($1, patience: nil, tag: "3") }
        await session.loop.run()
        session.socket.send(.text(ByteBuffer(string: "4c")))
        await session.loop.run()
        #expect(try await lost.get() == .refused(.unknownSession))
        #expect(try await again.get().map { String(buffer: $0.body) } == "4c")
        #expect(!session.socket.isClosed)
    }

    @Test("What a client has sent before its close is worked on")
    func sentBeforeClose() async throws {
        let session = try await Session()
        #expect(try await session.post("4a\u{1e}4b\u{1e}1") == .taken)
        #expect(session.socket.next() == .text(Array("a".utf8)))
        #expect(session.socket.next() == .text(Array("b".utf8)))
        #expect(!session.socket.isClosed && session.socket.rests())
        await session.loop.run()
        #expect(session.socket.isClosed)
        #expect(try await session.post("4c") == .refused(.unknownSession))
    }

    @Test("The poll that goes with a client's close may come a moment behind it")
    func latePoll() async throws {
        let session = try await Session()
        #expect(try await session.post("1") == .taken)
        #expect(try await session.post("4x") == .refused(.unknownSession))
        #expect(try await session.poll() == "6")
        #expect(session.acceptor.count == 0)
        let other = try await Session()
        #expect(try await other.post("1") == .taken)
        await other.pass(.seconds(1))
        #expect(other.acceptor.count == 0)
    }

    @Test("A probe that ends in the turn in which it begins leaves the session to another")
    func shortProbe() async throws {
        let session = try await Session()
        let (acceptor, sessionID, loop) = (session.acceptor, session.socket.sessionID, session.loop)
        for end in [true, false] {
            let channel = NIOAsyncTestingChannel(loop: loop)
            try await channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1))
            let opening = loop.submit {
                try acceptor.openUpgrade(of: sessionID, on: channel)
                if end { channel.close(promise: nil) }
            }
            await loop.run()
            try await opening.get()
            #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil, "a probe is not refused")
            #expect(channel.isActive != end)
        }
    }
}
