import Contracts
import Logging
import Messaging
import Primitives
import ServiceLifecycle
import SocketServer

/// The rooms in which this gateway has sockets.
///
/// Divided among the event loops by the room's id: what happens in a room happens one after another, in its
/// `RoomShard`, and rooms of different shards do not wait for each other.
final class RoomHub: Service {
    private let shards: [RoomShard]
    private let loops: SocketLoops
    private let bus: MessageBus
    private let id: GatewayID
    /// Signals of other gateways that could not be read, or were too much.
    let passedOver = SignalCount()

    init(id: GatewayID, bus: MessageBus, loops: SocketLoops, logger: Logger) {
        self.id = id
        self.bus = bus
        self.loops = loops
        let pages = RoomPages(bus: bus, logger: logger)
        shards = loops.all.map { [passedOver] _ in
            RoomShard(gateway: id, passedOver: passedOver, bus: bus, pages: pages, logger: logger)
        }
    }

    private func shard(of orderID: Identifier) -> RoomShard {
        shards[Int(truncatingIfNeeded: orderID.low % UInt64(shards.count))]
    }

    /// Delivers, catches up and compares until told to stop.
    func run() async throws {
        bus.transport.onLinkChange { [shards] isConnected in
            guard isConnected else { return }
            for shard in shards { shard.linkIsUp() }
        }
        await withDiscardingTaskGroup { group in
            for (shard, loop) in zip(shards, loops.all) {
                group.addTask(executorPreference: loop.executor) { await shard.run() }
            }
            group.addTask { await Heartbeat(id: self.id, shards: self.shards, transport: self.bus.transport).run() }
        }
    }

    func members(of orderID: Identifier) async -> [LiveSocket] { await shard(of: orderID).members(of: orderID) }

    /// Joins a socket: listens first, asks then, and writes the answer before anything live. A failed join leaves
    /// nothing behind.
    ///
    /// - Parameter answer: writes the acknowledgement; called with the encoded answer and the messages in it, before
    ///   any `newMessage` of the room.
    func join(
        _ socket: LiveSocket, _ request: Chat.Join, context: CallContext,
        answer: @Sendable (_ body: [UInt8], _ messages: [JSON]) -> Void
    ) async throws(ServiceError) {
        try await shard(of: request.orderID).join(socket, request, context: context, answer: answer)
    }

    /// A socket says that its user types in a room, or not any more; it need not have joined.
    /// - Throws: what chat says to whoever may not see the room, unless the socket has joined; `room-closed` for typing in
    ///   one that is known to be closed.
    func type(
        _ socket: LiveSocket, _ orderID: Identifier, isTyping: Bool, context: CallContext
    ) async throws(ServiceError) {
        try await shard(of: orderID).type(socket, orderID, isTyping: isTyping, context: context)
    }

    /// A socket's user has another name from now on.
    func rename(_ socket: LiveSocket) async {
        for orderID in socket.rooms { await shard(of: orderID).rename(socket, orderID) }
    }

    func leave(_ socket: LiveSocket, _ orderID: Identifier) async { await shard(of: orderID).leave(socket, orderID) }

    /// A socket has ended, and joins nothing any more. Called from event loops, so it only hands over.
    func closed(_ socket: LiveSocket) {
        for orderID in socket.rooms { shard(of: orderID).closed(socket, orderID) }
    }

    /// Takes a socket out of its rooms: its caller is about to become another, to whom nothing has been granted yet.
    /// - Returns: the rooms, each with the last message that the socket has of it.
    func suspend(_ socket: LiveSocket) async -> [Identifier: Int] {
        var places: [Identifier: Int] = [:]
        for orderID in socket.rooms { places[orderID] = await shard(of: orderID).suspend(socket, orderID) }
        return places
    }
}
