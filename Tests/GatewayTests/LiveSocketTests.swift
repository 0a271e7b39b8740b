import Messaging
import NIOCore
import NIOEmbedded
import Primitives
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

@Suite(.bounded)
struct LiveSocketTests {
    @Test("What was sent comes before the close, in its order, and nothing comes after it")
    func close() async throws {
        let socket = try await TestSocket(nil)
        for number in 1...3 { socket.live.connection.send(.text(ByteBuffer(string: "\(number)"))) }
        socket.live.close(.reconnect)
        socket.live.connection.send(.text(ByteBuffer(string: "late")))
        socket.live.connection.ping()
        socket.live.close(.tooSlow)
        #expect(try await socket.read() == ["1", "2", "3", "close 1012"])
        #expect(!socket.live.enter(.make()))
        socket.live.connection.take(.text(Array("late".utf8)))
        #expect(socket.live.connection.next() == nil)
    }

    @Test("A socket that is closed and does not answer is gone two seconds later")
    func unanswered() async throws {
        let socket = try await TestSocket(nil)
        socket.live.close(.reconnect)
        #expect(try await socket.read() == ["close 1012"])
        #expect(socket.channel.isActive)
        await socket.advance(by: .seconds(2))
        #expect(!socket.channel.isActive)
    }

    @Test("A reader that leaves more than 4 MiB standing is closed; those beside it get everything")
    func slowReader() async throws {
        let (slow, quick) = (try await TestSocket(nil), try await TestSocket(nil))
        try await slow.stall()
        var group = SocketGroup()
        for socket in [slow, quick] { group.insert(socket.live) }
        let data = Array("\"\(String(repeating: "x", count: 256 * 1024))\"".utf8)
        var got = 0
        for number in 1...20 {
            group.send(ServerEvent(.newMessage, data: data))
            got += try await quick.read().count
            _ = try await slow.read()
            // 16 of them are 4 MiB, and a little more.
            #expect(slow.live.isClosed == (number >= 16), "\(number)")
        }
        #expect(got == 20)
        #expect(!quick.live.isClosed)
        // It is given five seconds to take what waits.
        await slow.advance(by: .seconds(4))
        #expect(slow.channel.isActive)
        await slow.advance(by: .seconds(1))
        #expect(!slow.channel.isActive)
    }

    @Test("Reading pauses when the inbox is full and goes on when it is nearly empty, or the socket is closed")
    func pausing() async throws {
        for isClosed in [false, true] {
            let socket = try await TestSocket(nil)
            for _ in 0..<SocketInbox.messageLimit { socket.live.connection.take(.text(Array("x".utf8))) }
            _ = try await socket.read()
            #expect(!socket.isReading)
            if isClosed {
                socket.live.close(.reconnect)
            } else {
                while socket.live.connection.next() != nil {}
            }
            _ = try await socket.read()
            #expect(socket.isReading)
        }
    }
}
