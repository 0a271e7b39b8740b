import Contracts
import Messaging
import NIOCore
import NIOWebSocket
import Primitives
import SocketServer
import Synchronization

/// Where sockets report: opened, something to do, closed. Called from event loops, so everything here only hands over.
final class SocketHub: Sendable {
    let registry = SocketRegistry()
    let rooms: RoomHub
    let revocations: Revocations
    /// The clock by which tokens expire.
    let now: WallClock
    /// Over which sockets are told to reconnect when the gateway stops.
    let drainTime: Duration
    /// How many sockets one user may have here.
    private let perUser: Int

    init(
        rooms: RoomHub, revocations: Revocations, drainTime: Duration, perUser: Int = .max,
        now: @escaping WallClock
    ) {
        self.now = now
        self.perUser = perUser
        self.rooms = rooms
        self.revocations = revocations
        self.drainTime = drainTime
    }

    /// - Throws: `rate-limited` when the user has as many sockets as one may have.
    func requirePlace(for user: Identifier) throws(ServiceError) {
        guard registry.sockets(of: user).count < perUser else {
            throw ServiceError(.rateLimited, "You have as many sockets as one user may have.", retryAfter: 5)
        }
    }

    /// A socket is there. One that said in its handshake who it is counts as signed in, except at the Socket.IO door,
    /// where the client still has to connect.
    func opened(_ socket: LiveSocket) {
        registry.insert(socket)
        guard socket.door == .webSocket, let caller = socket.caller else { return }
        registry.signIn(socket, as: caller, before: nil)
        // The session may have ended between the handshake and the entry, where its end would have found the socket.
        if let reason = revocations.end(of: caller) { end(socket, reason) }
    }

    /// Makes a socket its caller's: the first time, to renew, or with another session of the same user. When the caller
    /// changes, what was granted to the one before is taken back first: with another role it may not be granted again.
    ///
    /// - Returns: the rooms to be asked for anew (`RoomHub.resume`), each with the last message that the socket has.
    /// - Throws: `forbidden` for another user; what `requirePlace` throws; what `Revocations.require` throws, upon which
    ///   the socket is closed.
    func signIn(_ socket: LiveSocket, _ verified: VerifiedToken) async throws(ServiceError) -> [Identifier: Int] {
        let (before, caller) = (socket.caller, verified.caller)
        if let before, before.userID != caller.userID {
            throw ServiceError(.forbidden, "The socket belongs to another user: open a new one.")
        }
        if before == nil { try requirePlace(for: caller.userID) }
        var places: [Identifier: Int] = [:]
        if let before, (before.role, before.sessionID) != (caller.role, caller.sessionID) {
            places = await rooms.suspend(socket)
        }
        socket.belong(to: verified)
        registry.signIn(socket, as: caller, before: before)
        if let before, !before.name.isExactly(caller.name) { await rooms.rename(socket) }
        // The session may have ended between the look and the entry in the registry, where the end would have found the
        // socket.
        do throws(ServiceError) {
            try revocations.require(caller)
        } catch {
            end(socket, revocations.end(of: caller) ?? .revoked)
            throw error
        }
        return places
    }

    func closed(_ socket: LiveSocket) {
        registry.remove(socket)
        rooms.closed(socket)
    }

    /// Tells a socket to reconnect, at a moment of its own within the drain time.
    func leave(_ socket: LiveSocket) { socket.close(.reconnect, within: drainTime) }

    /// Tells a socket that its session is over, and closes it.
    func end(_ socket: LiveSocket, _ reason: SessionEndReason) {
        socket.send(ServerEvent(.sessionEnded, SessionEndNotice(reason: reason)))
        socket.dismiss(.signIn)
    }

    /// Ends the sockets whose sessions are over by what is known now, as after events may have been missed.
    func endRevoked() {
        for socket in registry.all {
            if let caller = socket.caller, let reason = revocations.end(of: caller) { end(socket, reason) }
        }
    }

    /// Ends the sockets of one session.
    func end(session: Identifier, of user: Identifier, _ reason: SessionEndReason) {
        for socket in registry.sockets(of: user) where socket.caller?.sessionID == session { end(socket, reason) }
    }

    /// Ends the sockets of a user whose account is not any more what their tokens say, or whose sessions are over.
    func endRevoked(of user: Identifier) {
        for socket in registry.sockets(of: user) {
            if let caller = socket.caller, let reason = revocations.end(of: caller) { end(socket, reason) }
        }
    }

    /// Ends the sockets whose tokens were signed with a key that is not good any more: with a new one they may come again.
    func endUnsigned(_ verifier: TokenVerifier) {
        for socket in registry.all {
            if let keyID = socket.verified?.keyID, !verifier.knows(keyID) { end(socket, .expired) }
        }
    }
}
