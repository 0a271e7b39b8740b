import Contracts
import Messaging
import Primitives
import Synchronization

/// Every open socket, and which belong to whom. Sockets not signed in are here too, under nobody.
final class SocketRegistry: Sendable {
    private struct State {
        var sockets: [Int: LiveSocket] = [:]
        var byUser: [Identifier: SocketGroup] = [:]
        var admins = SocketGroup()
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.sockets.count } }

    /// Puts a socket under nobody.
    func insert(_ socket: LiveSocket) { state.withLock { $0.sockets[socket.id] = socket } }

    func remove(_ socket: LiveSocket) {
        state.withLock { state in
            // Read here: a sign-in under way has either come before and is found, or comes after and finds no socket.
            let caller = socket.caller
            state.sockets[socket.id] = nil
            state.admins.remove(socket)
            if let caller { state.byUser[caller.userID]?.remove(socket) }
            if let caller, state.byUser[caller.userID]?.isEmpty ?? false { state.byUser[caller.userID] = nil }
        }
    }

    /// Puts a socket under its user and role; `before` is whose it was.
    func signIn(_ socket: LiveSocket, as caller: Caller, before: Caller?) {
        state.withLock { state in
            // It may have been closed while its token was verified.
            guard state.sockets[socket.id] != nil else { return }
            if let before, before.userID != caller.userID { state.byUser[before.userID]?.remove(socket) }
            state.byUser[caller.userID, default: SocketGroup()].insert(socket)
            if caller.isAdmin { state.admins.insert(socket) } else { state.admins.remove(socket) }
        }
    }

    var all: [LiveSocket] { state.withLock { Array($0.sockets.values) } }

    func sockets(of user: Identifier) -> [LiveSocket] { state.withLock { $0.byUser[user]?.all ?? [] } }

    var hasAdmins: Bool { state.withLock { !$0.admins.isEmpty } }

    func sendToAdmins(_ event: ServerEvent) { state.withLock { $0.admins }.send(event) }

    /// To a user's sockets and to every Admin's, to each once; also to `others`.
    func send(_ event: ServerEvent, toUser user: Identifier, others: [LiveSocket] = []) {
        let group = state.withLock { state -> SocketGroup in
            var group = state.admins
            for socket in state.byUser[user]?.all ?? [] { group.insert(socket) }
            return group
        }
        var complete = group
        for socket in others { complete.insert(socket) }
        complete.send(event)
    }
}
