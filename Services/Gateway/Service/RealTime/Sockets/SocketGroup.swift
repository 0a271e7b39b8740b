import SocketServer

/// Sockets arranged by event loop, so that an event reaches all of a loop's sockets with one hop and each is flushed
/// once.
struct SocketGroup: Sendable {
    private struct Shard: Sendable {
        var loop: SocketLoop
        var sockets: [LiveSocket] = []
        /// Of the sockets, in the same places.
        var connections: [SocketConnection] = []
        var places: [Int: Int] = [:]
    }

    private var shards: [ObjectIdentifier: Shard] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// - Returns: whether it was not there yet.
    @discardableResult
    mutating func insert(_ socket: LiveSocket) -> Bool {
        let key = ObjectIdentifier(socket.connection.loop)
        var shard = shards[key] ?? Shard(loop: socket.connection.loop)
        shards[key] = nil
        defer { shards[key] = shard }
        guard shard.places[socket.id] == nil else { return false }
        shard.places[socket.id] = shard.sockets.count
        shard.sockets.append(socket)
        shard.connections.append(socket.connection)
        count += 1
        return true
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ socket: LiveSocket) -> Bool {
        let key = ObjectIdentifier(socket.connection.loop)
        guard var shard = shards[key], let place = shard.places.removeValue(forKey: socket.id) else { return false }
        shards[key] = nil
        let last = shard.sockets.removeLast()
        shard.connections.removeLast()
        if last.id != socket.id {
            shard.sockets[place] = last
            shard.connections[place] = last.connection
            shard.places[last.id] = place
        }
        shards[key] = shard.sockets.isEmpty ? nil : shard
        count -= 1
        return true
    }

    var all: [LiveSocket] { shards.values.flatMap(\.sockets) }

    func send(_ event: ServerEvent) {
        for shard in shards.values { shard.loop.write(.event(event.encoded, to: shard.connections)) }
    }
}
