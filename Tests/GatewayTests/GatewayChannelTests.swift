import HummingbirdTesting
import Messaging
import NIOCore
import NIOPosix
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// How a connection becomes a socket while other things happen, over real connections.
@Suite(.bounded)
struct GatewayChannelTests {
    /// A client that writes what it is told to, and keeps what it gets.
    private struct WireClient {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

        init(port: Int) async throws {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
                }
        }

        /// Writes, and reads until `isEnough` of all that came, or the connection ends.
        func exchange(
            _ text: String, then: () async throws -> Void = {}, until isEnough: (String) -> Bool = { _ in false }
        ) async throws -> String {
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: text))
                try await then()
                var got = ""
                for try await part in inbound {
                    got += String(decoding: part.readableBytesView, as: Unicode.ASCII.self)
                    if isEnough(got) { break }
                }
                return got
            }
        }
    }

    private func handshake(_ token: String, path: String = "/ws") -> String {
        """
        GET \(path) HTTP/1.1\r
        Host: gateway\r
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Authorization: Bearer \(token)\r
        \r

        """
    }

    /// A gateway whose auth holds the answer about the token's key.
    private func withHeldAuth(
        _ body: @Sendable (TestGateway, _ token: String, _ port: Int) async throws -> Void
    ) async throws {
        try await TestGateway.withPort { gateway, port in
            try await gateway.letKeysAge()
            gateway.auth.addKey()
            gateway.auth.keysGate.hold()
            let token = try await gateway.token(for: .regular())
            try await body(gateway, token, port)
        }
    }

    @Test("What a client sends behind its handshake, before that is answered, is read as frames")
    func framesBehindTheHandshake() async throws {
        try await withHeldAuth { gateway, token, port in
            let client = try await WireClient(port: port)
            let got = try await client.channel.executeThenClose { inbound, outbound in
                var bytes = ByteBuffer(string: handshake(token))
                // A masked ping with one byte.
                bytes.writeBytes([0x89, 0x81, 0, 0, 0, 0, UInt8(ascii: "p")])
                try await outbound.write(bytes)
                try await eventually("auth is asked") { gateway.auth.keysGate.waitingCount > 0 }
                gateway.auth.keysGate.release()
                var got: [UInt8] = []
                for try await part in inbound {
                    got += part.readableBytesView
                    if got.suffix(3) == [0x8A, 0x01, UInt8(ascii: "p")] { break }
                }
                return got
            }
            #expect(String(decoding: got, as: UTF8.self).hasPrefix("HTTP/1.1 101"))
            #expect(got.suffix(3) == [0x8A, 0x01, UInt8(ascii: "p")])
        }
    }

    @Test("A client that goes before its handshake is answered leaves no socket behind")
    func goneBeforeTheAnswer() async throws {
        try await withHeldAuth { gateway, token, port in
            let client = try await WireClient(port: port)
            try await client.channel.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: handshake(token)))
                try await eventually("auth is asked") { gateway.auth.keysGate.waitingCount > 0 }
            }
            gateway.auth.keysGate.release()
            // Another one is served in the meantime, so that the first had its time.
            let second = try await WireClient(port: port)
            let got = try await second.exchange(handshake(token), until: { $0.contains("\r\n\r\n") })
            #expect(got.hasPrefix("HTTP/1.1 101"))
            try await eventually("no socket is left") { gateway.hub.registry.count == 0 }
        }
    }

    @Test("A session that ends while the handshake is being answered gets no socket")
    func revokedBeforeTheAnswer() async throws {
        try await withHeldAuth { gateway, _, port in
            let caller = Caller.regular()
            let token = try await gateway.token(for: caller)
            let client = try await WireClient(port: port)
            let got = try await client.exchange(handshake(token)) {
                try await eventually("auth is asked") { gateway.auth.keysGate.waitingCount > 0 }
                try await gateway.auth.end(caller)
                try await eventually("the end is known") { gateway.revocations.end(of: caller) != nil }
                gateway.auth.keysGate.release()
            } until: {
                $0.contains("unauthenticated")
            }
            #expect(got.hasPrefix("HTTP/1.1 401"))
            #expect(gateway.hub.registry.count == 0)
        }
    }

    @Test("A stop tells every socket to come again, and waits for them")
    func drain() async throws {
        let took = try await TestGateway.with { gateway in
            for _ in 0..<3 {
                let socket = try await gateway.socket(.regular())
                #expect(!socket.live.isClosed)
            }
        }
        // The clients of these answer nothing: two seconds, and then the process goes without them.
        #expect(took < .seconds(60).slackened)
    }
}
