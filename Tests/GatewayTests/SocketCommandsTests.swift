import Contracts
import MemoryTransport
import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// What sockets ask for, at both doors, and what happens when their rights change meanwhile.
@Suite(.bounded)
struct SocketCommandsTests {
    private let owner = Caller.regular()

    /// What a frame asks for, as each door writes it.
    private func frame(_ door: LiveSocket.Door, _ id: Int?, _ event: String, _ data: String) -> String {
        switch door {
        case .webSocket: "{\(id.map { "\"id\":\($0)," } ?? "")\"event\":\"\(event)\",\"data\":\(data)}"
        case .engineIO: "42\(id.map { String($0) } ?? "")[\"\(event)\",\(data)]"
        }
    }

    private func acknowledgement(_ door: LiveSocket.Door, _ id: Int) -> String {
        door == .webSocket ? "{\"ack\":\(id)," : "43\(id)["
    }

    private func signedIn(_ door: LiveSocket.Door, _ gateway: TestGateway) async throws -> TestSocket {
        let socket = try await gateway.socket(owner, door: door)
        if door == .engineIO {
            try await socket.send("40")
            try await socket.read("40{\"sid\"")
        }
        return socket
    }

    // MARK: Commands

    @Test(
        "Each event is asked for and acknowledged, and a message comes to who has joined",
        arguments: [LiveSocket.Door.webSocket, .engineIO])
    func commands(door: LiveSocket.Door) async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: owner)
            let socket = try await signedIn(door, gateway)
            try await socket.send(frame(door, 1, "joinRoom", #"{"orderId":"\#(room)"}"#))
            try await socket.read(acknowledgement(door, 1))
            #expect(await gateway.rooms.members(of: room).count == 1)
            try gateway.chat.store("hello", in: room, by: owner)
            try await socket.read("hello")
            // Nobody serves these here: the acknowledgement says so, and nothing else does.
            for (id, event) in [(2, "sendMessage"), (3, "closeRoom"), (4, "markRead")] {
                try await socket.send(frame(door, id, event, #"{"orderId":"\#(room)","content":"x"}"#))
                let came = try await socket.read(acknowledgement(door, id))
                #expect(came.count == 1 && came[0].contains("service-unavailable"))
            }
            for (id, flag) in [(7, "true"), (8, "false"), (9, "1"), (10, #"true,"user":1"#)] {
                try await socket.send(frame(door, id, "typing", #"{"orderId":"\#(room)","isTyping":\#(flag)}"#))
                let came = try await socket.read(acknowledgement(door, id))
                #expect(came.count == 1 && came[0].contains("validation-failed") == (id > 8))
            }
            try await socket.send(frame(door, 5, "leaveRoom", "\"\(room)\""))
            try await socket.read(acknowledgement(door, 5))
            #expect(await gateway.rooms.members(of: room).isEmpty)
            try await socket.send(frame(door, 6, "shout", "{}"))
            let came = try await socket.read(acknowledgement(door, 6))
            #expect(came[0].contains("not-found"))
        }
    }

    @Test("Who has not signed in is told to, and a plain socket is closed; its time to do so ends after ten seconds")
    func notSignedIn() async throws {
        try await TestGateway.with { gateway in
            let socket = try await gateway.socket(nil)
            try await socket.send(frame(.webSocket, 1, "joinRoom", #"{"orderId":"\#(Identifier.make())"}"#))
            let came = try await socket.read("close 4401")
            #expect(came[0].contains("unauthenticated"))
        }
    }

    @Test("A socket authenticates with a token, and not with one that has expired", arguments: [false, true])
    func authenticate(isExpired: Bool) async throws {
        try await TestGateway.with { gateway in
            let socket = try await gateway.socket(nil)
            let token = try await gateway.auth.token(
                for: owner, expiresAt: gateway.now.advanced(bySeconds: isExpired ? -1 : 60))
            try await socket.send(frame(.webSocket, 1, "authenticate", #"{"token":"\#(token)"}"#))
            let came = try await socket.read(isExpired ? "close 4401" : "expiresAt")
            #expect(came[0].contains("token-expired") == isExpired)
            #expect(gateway.hub.registry.sockets(of: owner.userID).isEmpty == isExpired)
        }
    }

    @Test("A socket whose token has expired meanwhile does nothing more, and is told so")
    func expired() async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: owner)
            let socket = try await gateway.socket(owner)
            gateway.pass(seconds: 601)
            try await socket.send(frame(.webSocket, 1, "joinRoom", "\"\(room)\""))
            let came = try await socket.read("close 4401")
            #expect(came.contains { $0.contains("sessionEnded") && $0.contains("expired") })
            #expect(await gateway.rooms.members(of: room).isEmpty)
        }
    }

    // MARK: Interleavings

    @Test(
        "A session that ends while its token is being verified gets nothing",
        arguments: [LiveSocket.Door.webSocket, .engineIO])
    func revokedWhileAuthenticating(door: LiveSocket.Door) async throws {
        try await TestGateway.with { gateway in
            let socket = try await gateway.socket(nil, door: door)
            // 1. The token's key is not known yet, so auth is asked, and does not answer.
            try await gateway.letKeysAge()
            gateway.auth.addKey()
            gateway.auth.keysGate.hold()
            let token = try await gateway.token(for: owner)
            try await socket.send(
                door == .webSocket
                    ? frame(door, 1, "authenticate", #"{"token":"\#(token)"}"#) : #"40{"token":"\#(token)"}"#)
            try await eventually("auth is asked") { gateway.auth.keysGate.waitingCount > 0 }
            // 2. The session ends; the socket is nobody's yet, so there is nobody to tell.
            try await gateway.auth.end(owner)
            try await eventually("the end is known") { gateway.revocations.end(of: owner) != nil }
            // 3. Auth answers.
            gateway.auth.keysGate.release()
            let came = try await socket.read("unauthenticated")
            #expect(!came.contains { $0.contains("expiresAt") || $0.hasPrefix("40{") })
            #expect(socket.live.caller == nil)
            #expect(gateway.hub.registry.sockets(of: owner.userID).isEmpty)
        }
    }

    @Test("A session that ends between the look at it and the entry under its user closes the socket")
    func revokedAtTheEntry() async throws {
        try await TestGateway.with { gateway in
            // No list of revocations is fetched now, which would close it, too.
            try await gateway.letKeysAge()
            // Verified before, told of after, as the other order is taken care of by the registry.
            gateway.revocations.end(session: owner.sessionID)
            let opened = try await gateway.socket(owner)
            #expect(try await opened.read().last == "close 4401")
            let authenticated = try await gateway.socket(nil)
            await #expect(throws: ServiceError.self) { try await gateway.signIn(authenticated, as: owner) }
            try await authenticated.read("close 4401")
        }
    }

    @Test("A socket may be in a thousand rooms and no more; in those it is in it may join again")
    func roomLimit() async throws {
        try await TestGateway.with { gateway in
            let (room, other) = (gateway.chat.room(of: owner), gateway.chat.room(of: owner))
            let socket = try await gateway.socket(owner)
            try await gateway.join(socket, room)
            for _ in 1..<LiveSocket.roomLimit { #expect(socket.live.enter(.make())) }
            try await socket.send(frame(.webSocket, 1, "joinRoom", "\"\(other)\""))
            try await socket.read("too-many-rooms")
            try await socket.send(frame(.webSocket, 2, "joinRoom", "\"\(room)\""))
            try await socket.read("\"ack\":2,\"data\"")
        }
    }

    @Test("A user may have so many sockets; one that goes makes room for another")
    func socketLimit() async throws {
        try await TestGateway.with(["RATE_LIMIT_CONNECTIONS": "2"]) { gateway in
            let first = try await gateway.socket(owner)
            let (second, third) = (try await gateway.socket(nil), try await gateway.socket(nil))
            _ = try await gateway.signIn(second, as: owner)
            await #expect(throws: ServiceError.self) { try await gateway.signIn(third, as: owner) }
            // To renew is no further socket.
            _ = try await gateway.signIn(second, as: owner)
            try await first.vanish()
            try await eventually("the socket is gone") { gateway.hub.registry.count == 2 }
            _ = try await gateway.signIn(third, as: owner)
        }
    }

    @Test("A socket that goes while its join is being answered is in no room, and nobody listens for it any more")
    func goneWhileJoining() async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: owner)
            let socket = try await gateway.socket(owner)
            gateway.chat.gate.hold()
            try await socket.send(frame(.webSocket, 1, "joinRoom", "\"\(room)\""))
            try await eventually("chat is asked") { gateway.chat.gate.waitingCount > 0 }
            try await socket.vanish()
            try await eventually("the socket is gone") { gateway.hub.registry.count == 0 }
            gateway.chat.gate.release()
            try await eventually("nobody listens") {
                gateway.memory.listenerCount(of: RoomSignal.subject(of: room)) == 0
            }
            #expect(await gateway.rooms.members(of: room).isEmpty)
            #expect(socket.live.rooms.isEmpty)
        }
    }

    @Test("A socket that is told to go while its join is being answered joins nothing")
    func closedWhileJoining() async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: owner)
            let (socket, witness) = (try await gateway.socket(owner), try await gateway.socket(owner))
            try await gateway.join(witness, room)
            gateway.chat.gate.hold()
            try await socket.send(frame(.webSocket, 1, "joinRoom", "\"\(room)\""))
            try await eventually("chat is asked") { gateway.chat.gate.waitingCount > 0 }
            socket.live.close(.reconnect)
            try await socket.read("close 1012")
            gateway.chat.gate.release()
            try gateway.chat.store("after", in: room, by: owner)
            try await witness.read("after")
            #expect(await gateway.rooms.members(of: room).map(\.id) == [witness.live.id])
            #expect(try await socket.read().isEmpty)
        }
    }

    @Test("Joins of one room at once share one subscription, and when that fails all are told")
    func joinsAtOnce() async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: owner)
            var sockets: [TestSocket] = []
            for _ in 0..<10 { sockets.append(try await gateway.socket(owner)) }
            for socket in sockets { try await socket.send(frame(.webSocket, 1, "joinRoom", "\"\(room)\"")) }
            for socket in sockets { try await socket.read(#""ack":1"#) }
            #expect(gateway.memory.listenerCount(of: RoomSignal.subject(of: room)) == 1)
            for socket in sockets { try await socket.vanish() }
            try await eventually("nobody listens") {
                gateway.memory.listenerCount(of: RoomSignal.subject(of: room)) == 0
            }
        }
    }
}
