import Messaging
import NIOCore
import NIOEmbedded
import Primitives
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// What becomes of sockets with time. The gateway's own sweeper looks at them as well; it does nothing else.
@Suite(.bounded)
struct SocketSweeperTests {
    private func sweep(_ gateway: TestGateway) {
        SocketSweeper(gateway.service.acceptor).sweep()
    }

    @Test("A socket is told that its token has expired, when it has, and one that renewed it stays")
    func expiry() async throws {
        try await TestGateway.with { gateway in
            let (old, renewed) = (try await gateway.socket(.regular()), try await gateway.socket(.regular()))
            sweep(gateway)
            #expect(try await old.read().isEmpty)
            gateway.pass(seconds: 300)
            renewed.live.belong(to: gateway.verified(try #require(renewed.live.caller)))
            gateway.pass(seconds: 301)
            sweep(gateway)
            let came = try await old.read("close 4401")
            #expect(came.first?.contains(#"{"event":"sessionEnded","data":{"reason":"expired"}}"#) ?? false)
            #expect(try await renewed.read().isEmpty)
        }
    }

    @Test(
        "A socket has ten seconds to sign in, at Socket.IO's door to connect",
        arguments: [LiveSocket.Door.webSocket, .engineIO])
    func signIn(door: LiveSocket.Door) async throws {
        try await TestGateway.with { gateway in
            let (nobody, somebody) = (
                try await gateway.socket(nil, door: door), try await gateway.socket(.regular(), door: door)
            )
            if door == .engineIO {
                try await somebody.send("40")
                try await somebody.read("40{")
            }
            for socket in [nobody, somebody] { await socket.advance(by: .seconds(9)) }
            sweep(gateway)
            #expect(try await nobody.read().isEmpty)
            for socket in [nobody, somebody] { await socket.advance(by: .seconds(1)) }
            sweep(gateway)
            try await nobody.read("close 4401")
            #expect(try await somebody.read().isEmpty)
        }
    }

    @Test("A socket is pinged after 25 s, and gone when nothing has come 20 s later", arguments: [true, false])
    func pings(answers: Bool) async throws {
        try await TestGateway.with { gateway in
            let socket = try await gateway.socket(.regular())
            await socket.advance(by: .seconds(25))
            sweep(gateway)
            try await socket.read("ping")
            await socket.advance(by: .seconds(1))
            if answers { try await socket.send(#"{"id":1,"event":"nothing"}"#) }
            await socket.advance(by: .seconds(19))
            sweep(gateway)
            _ = try await socket.read()
            #expect(socket.channel.isActive == answers)
            #expect(gateway.hub.registry.count == (answers ? 1 : 0))
        }
    }
}
