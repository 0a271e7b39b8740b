import Contracts
import MemoryTransport
import Messaging
import NIOCore
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// What sockets hear of what services tell each other, and what becomes of them when something of it may have been
/// missed.
@Suite(.bounded)
struct EventFollowerTests {
    private let caller = Caller.regular("Ann")

    // MARK: Gaps

    @Test("After a gap sockets are told to reconnect within a second, whether auth answers or not, and a stop is quick")
    func gapWithoutAuth() async throws {
        let took = try await TestGateway.with { gateway in
            let socket = try await gateway.socket(caller)
            gateway.auth.state.withLock { $0.isThere = false }
            gateway.memory.replaceStream()
            try await eventually("nothing is believed") { await gateway.failing == ["auth"] }
            try await eventually("the socket is closed") {
                await socket.advance(by: .milliseconds(900))
                return socket.live.isClosed
            }
            #expect(try await socket.read().last == "close 1012")
            // Nobody knows now whose session has ended.
            await #expect(throws: ServiceError.unavailable) {
                try await gateway.service.commands.authenticator.verify("any")
            }
        }
        // One that waited for auth would go on asking for a quarter of an hour.
        #expect(took < .seconds(60).slackened)
    }

    @Test("A gateway that never reached auth stops as quickly")
    func startWithoutAuth() async throws {
        let took = try await TestGateway.with(isAuthThere: false) { gateway in
            try await eventually("the stream is followed") { await gateway.failing == ["auth"] }
        }
        // One that waited for auth would go on asking for a quarter of an hour.
        #expect(took < .seconds(60).slackened)
    }

    @Test("Sessions that ended in the gap are told so, and tokens are believed again when auth has answered")
    func gap() async throws {
        try await TestGateway.with { gateway in
            let (ended, staying) = (try await gateway.socket(caller), try await gateway.socket(.admin("Bob")))
            gateway.auth.state.withLock { $0.ended = [caller.sessionID] }
            gateway.memory.replaceStream()
            let came = try await ended.read("close 4401")
            #expect(came.contains { $0.contains("sessionEnded") })
            try await eventually("the other socket is closed") {
                await staying.advance(by: .milliseconds(900))
                return staying.live.isClosed
            }
            #expect(try await staying.read() == ["close 1012"])
            try await eventually("tokens are believed") { await gateway.failing.isEmpty }
        }
    }

    @Test("Events are taken while auth does not answer")
    func eventsGoOn() async throws {
        try await TestGateway.with { gateway in
            gateway.auth.state.withLock { $0.isThere = false }
            gateway.memory.replaceStream()
            try await eventually("nothing is believed") { await gateway.failing == ["auth"] }
            try await gateway.auth.end(caller)
            try await eventually("the end is known") { gateway.revocations.end(of: caller) != nil }
        }
    }

    // MARK: What is told to whom

    /// An event about an order of `owner`.
    private func order(of owner: Caller) -> [UInt8] {
        let person = #"{"id":"\#(owner.userID)","name":"\#(owner.name)"}"#
        return Array(#"{"order":{"id":"\#(Identifier.make())","number":7,"owner":\#(person)}}"#.utf8)
    }

    private func append(_ subject: String, _ payload: [UInt8], in gateway: TestGateway) async throws {
        _ = try await gateway.transport.append(
            subject, id: Identifier.make().description, Envelope(payload: payload), timeout: .seconds(1).slackened)
    }

    @Test("A new order is told to Admins, a changed one to its owner as well, and to nobody else")
    func orders() async throws {
        try await TestGateway.with { gateway in
            let (owner, other, admin) = (
                try await gateway.socket(caller), try await gateway.socket(.regular("Other")),
                try await gateway.socket(.admin())
            )
            let body = order(of: caller)
            try await append(Orders.Created.subject, body, in: gateway)
            try await admin.read("orderCreated")
            try await append(Orders.Updated.subject, body, in: gateway)
            try await owner.read("orderUpdated")
            try await admin.read("orderUpdated")
            #expect(try await owner.read().isEmpty)
            #expect(try await other.read().isEmpty)
        }
    }

    @Test("What cannot be read is passed over, and what comes after it is told")
    func unreadable() async throws {
        try await TestGateway.with { gateway in
            let admin = try await gateway.socket(.admin())
            for subject in [Orders.StatusChanged.subject, Auth.SessionEnded.subject, Orders.Updated.subject] {
                for payload in ["", "{", "[]", #"{"order":7}"#, #"{"orderId":7}"#] {
                    try await append(subject, Array(payload.utf8), in: gateway)
                }
            }
            try await append("orders.event.of-a-later-version", Array("{}".utf8), in: gateway)
            let body = order(of: caller)
            try await append(Orders.Created.subject, body, in: gateway)
            #expect(try await admin.read("orderCreated").count == 1)
        }
    }

    @Test("A status is told once, never one that is older than one told, to the owner, Admins and who is in the room")
    func status() async throws {
        try await TestGateway.with { gateway in
            let room = gateway.chat.room(of: caller)
            let (owner, admin) = (try await gateway.socket(caller), try await gateway.socket(.admin()))
            try await gateway.join(admin, room)
            _ = try await admin.read()
            for version in [2, 2, 3, 2, 3, 1, 4] {
                let event = Orders.StatusChanged(
                    orderID: room, number: 1, ownerID: caller.userID, from: .review, to: .processing,
                    version: version, at: .now())
                try await append(Orders.StatusChanged.subject, JSONWriter.encode(event), in: gateway)
            }
            for socket in [owner, admin] {
                let came = try await socket.read(#""version":4"#)
                let versions = came.map { try? JSONParser.parse(Array($0.utf8)).value["data"]["version"].integer }
                #expect(versions == [2, 3, 4])
            }
        }
    }

    @Test("When an event of auth cannot be read, no token is believed until auth's list has been fetched")
    func failsClosed() async throws {
        try await TestGateway.with { gateway in
            gateway.auth.state.withLock { $0.isThere = false }
            for subject in [Orders.StatusChanged.subject, Chat.RoomClosed.subject] {
                try await append(subject, Array("{".utf8), in: gateway)
            }
            let admin = try await gateway.socket(.admin())
            try await append(Orders.Created.subject, order(of: caller), in: gateway)
            try await admin.read("orderCreated")
            #expect(await gateway.failing.isEmpty)
            // Whose session is over is known to auth alone.
            gateway.auth.state.withLock { $0.ended = [caller.sessionID] }
            let payload = #"{"sessionId":"\#(caller.sessionID)","userId":"\#(caller.userID)","reason":"of-later"}"#
            try await append(Auth.SessionEnded.subject, Array(payload.utf8), in: gateway)
            try await eventually("nothing is believed") { await gateway.failing == ["auth"] }
            gateway.auth.state.withLock { $0.isThere = true }
            try await eventually("tokens are believed") { await gateway.failing.isEmpty }
            #expect(gateway.revocations.end(of: caller) == .revoked)
        }
    }

    @Test("All sessions of an account end by one event, with their sockets, but for the one that goes on")
    func endAll() async throws {
        try await TestGateway.with { gateway in
            let kept = Caller.regular()
            let ended = kept.again(session: .make())
            let later = kept.again(session: .make(after: ended.sessionID))
            let (first, going) = (try await gateway.socket(ended), try await gateway.socket(kept))
            let fresh = try await gateway.socket(later)
            try await gateway.auth.endAll(ended, except: kept.sessionID)
            let came = try await first.read("close 4401")
            #expect(came.contains { $0.contains("sessionEnded") && $0.contains("revoked") })
            #expect(try await going.read().isEmpty)
            #expect(try await fresh.read().isEmpty)
            #expect(gateway.revocations.end(of: ended) == .revoked)
            #expect(gateway.revocations.end(of: kept) == nil && gateway.revocations.end(of: later) == nil)
        }
    }

    @Test("A revoked key's tokens are refused as expired at once, and sockets that came in by them are closed")
    func revokedKey() async throws {
        try await TestGateway.with { gateway in
            let verifier = gateway.service.commands.authenticator.verifier
            let token = try await gateway.token(for: caller)
            let verified = try await verifier.verify(token)
            let socket = try await TestSocket(verified, door: .webSocket, gateway: gateway.service)
            try await gateway.auth.revokeKey()
            let came = try await socket.read("close 4401")
            #expect(came.contains { $0.contains("sessionEnded") && $0.contains("expired") })
            for _ in 0..<2 {
                let error = await #expect(throws: ServiceError.self) { try await verifier.verify(token) }
                #expect(error?.code == .tokenExpired)
            }
            try await eventually("the new key is fetched") {
                (try? await verifier.verify(try await gateway.token(for: self.caller))) != nil
            }
        }
    }

    @Test("The end of a session, of an account or of a role closes the sockets concerned, and says why")
    func ends() async throws {
        try await TestGateway.with { gateway in
            let (ended, disabled, demoted, staying) = (
                Caller.regular(), Caller.regular(), Caller.admin(), Caller.regular()
            )
            let sockets = [
                (try await gateway.socket(ended), "logged-out"), (try await gateway.socket(disabled), "disabled"),
                (try await gateway.socket(demoted), "role-changed"),
            ]
            let witness = try await gateway.socket(staying)
            let sameUser = try await gateway.socket(ended.again(session: .make()))
            try await gateway.auth.end(ended, .loggedOut)
            try await gateway.auth.change(disabled, role: .regular, disabled: true)
            try await gateway.auth.change(demoted, role: .regular)
            // Nothing that was not so before.
            try await gateway.auth.change(staying, role: .regular)
            for (socket, reason) in sockets {
                let came = try await socket.read("close 4401")
                #expect(came.contains { $0.contains("sessionEnded") && $0.contains(reason) })
            }
            #expect(try await witness.read().isEmpty)
            #expect(try await sameUser.read().isEmpty)
        }
    }
}
