import Contracts
import Logging
import Messaging
import NIOWebSocket
import Primitives
import Synchronization

/// The rooms in which this gateway has sockets: listens to each while it has one in it, and delivers by the room's
/// `RoomFeed`.
actor RoomHub {
    typealias Events = [ServerEvent]

    private struct Room {
        /// Tells it from another of the same order: answers about one that has been forgotten mean nothing for the next.
        let number: Int
        var feed = RoomFeed<Events>()
        var live = SocketGroup()
        var members: [Int: LiveSocket] = [:]
        /// Joins under way: they keep the room as members do.
        var joining = 0
        var subscription: (any TransportSubscription)?
        var waitingForSubscription: [CheckedContinuation<Void, any Error>] = []
        var isSubscribing = false
    }

    private var rooms: [Identifier: Room] = [:]
    private var lastNumber = 0
    /// Rooms looked at by the fast tick.
    private var behind: Set<Identifier> = []
    private let bus: MessageBus
    private let signals: SignalQueue
    private let pages: RoomPages
    private let logger: Logger

    init(bus: MessageBus, signals: SignalQueue, logger: Logger) {
        self.bus = bus
        self.logger = logger
        self.signals = signals
        pages = RoomPages(bus: bus, logger: logger)
    }

    func members(of orderID: Identifier) -> [LiveSocket] { rooms[orderID].map { Array($0.members.values) } ?? [] }

    /// The last message of a room that a socket in it has.
    func place(of socket: LiveSocket, in orderID: Identifier) -> Int? {
        rooms[orderID].map { $0.feed.position(of: socket.id) }
    }

    // MARK: Joining and leaving

    /// Joins a socket: listens first, asks then, and writes the answer before anything live. A failed join leaves
    /// nothing behind.
    ///
    /// - Parameter answer: writes the acknowledgement; called with the encoded answer and the messages in it, before any
    ///   `newMessage` of the room.
    func join(
        _ socket: LiveSocket, _ request: Chat.Join, context: RequestContext,
        answer: @Sendable (_ body: [UInt8], _ messages: [JSON]) -> Void
    ) async throws(ServiceError) {
        let orderID = request.orderId
        leave(socket, orderID)
        if rooms[orderID] == nil { rooms[orderID] = newRoom() }
        rooms[orderID]?.joining += 1
        defer {
            rooms[orderID]?.joining -= 1
            closeIfEmpty(orderID)
        }
        do { try await subscribe(orderID) } catch { throw .unavailable }
        var reply: Answer<JoinedRoom>
        var number: Int?
        repeat {
            number = rooms[orderID]?.number
            reply = try await bus.relay(request, context: context)
            // An answer that was on its way while the room was begun anew may be of the past that is no more.
        } while number != rooms[orderID]?.number
        guard let parsed = try? JSONParser.parse(reply.body).value, let roomHead = parsed["room"]["lastSeq"].integer,
            case .array(let messages) = parsed["messages"]
        else { throw .internal }
        let hasMore = parsed["hasMore"].bool ?? false
        // From here to the end nothing is awaited: the answer, the place in the feed and what is delivered are one
        // step.
        guard !socket.isClosed, var room = rooms[orderID] else { return }
        answer(reply.body, messages)
        let last = messages.last?["seq"].integer
        let cursor = request.after.map { last ?? min($0, roomHead) } ?? max(last ?? 0, hasMore ? 0 : roomHead)
        room.members[socket.id] = socket
        socket.state.withLock { _ = $0.rooms.insert(orderID) }
        var told: [Int: MessageMarks.Mark] = [:]
        // The last of the room, and the last that the answer holds, which may be a newer one.
        for message in [parsed["room"]["lastMessage"], messages.last ?? .null] {
            guard let seq = message["seq"].integer, let id = message["id"].string.flatMap({ Identifier($0) }) else {
                continue
            }
            told[seq] = id.low
        }
        let actions = room.feed.join(socket.id, cursor: cursor, roomHead: roomHead, told: told)
        rooms[orderID] = room
        perform(actions, in: orderID)
    }

    private func newRoom() -> Room {
        lastNumber += 1
        return Room(number: lastNumber)
    }

    func leave(_ socket: LiveSocket, _ orderID: Identifier) {
        guard rooms[orderID]?.members.removeValue(forKey: socket.id) != nil else { return }
        rooms[orderID]?.live.remove(socket)
        rooms[orderID]?.feed.leave(socket.id)
        socket.state.withLock { _ = $0.rooms.remove(orderID) }
        closeIfEmpty(orderID)
    }

    func closed(_ socket: LiveSocket) {
        for orderID in socket.state.withLock({ $0.rooms }) { leave(socket, orderID) }
    }

    private func closeIfEmpty(_ orderID: Identifier) {
        guard let room = rooms[orderID], room.members.isEmpty, room.joining == 0 else { return }
        rooms[orderID] = nil
        behind.remove(orderID)
        if let subscription = room.subscription { signals.retire(subscription) }
    }

    private func subscribe(_ orderID: Identifier) async throws {
        guard var room = rooms[orderID], room.subscription == nil else { return }
        if room.isSubscribing {
            try await withCheckedThrowingContinuation { rooms[orderID]?.waitingForSubscription.append($0) }
            return
        }
        room.isSubscribing = true
        rooms[orderID] = room
        let outcome: Result<any TransportSubscription, any Error>
        do {
            let signals = signals
            outcome = .success(
                try await bus.transport.subscribe(RoomSignal.subject(of: orderID)) { subject, message in
                    if let signal = RoomSignal(subject: subject, envelope: message) { signals.add(signal) }
                })
        } catch {
            outcome = .failure(error)
        }
        let waiting = rooms[orderID]?.waitingForSubscription ?? []
        rooms[orderID]?.waitingForSubscription = []
        rooms[orderID]?.isSubscribing = false
        rooms[orderID]?.subscription = try? outcome.get()
        for continuation in waiting { continuation.resume(with: outcome.map { _ in }) }
        _ = try outcome.get()
    }

    // MARK: Delivering

    func receive(_ signal: RoomSignal) {
        guard var room = rooms[signal.orderID] else { return }
        switch signal.kind {
        case .messagesRead:
            let event = ServerEvent(.messagesRead, data: signal.data)
            for socket in room.members.values { socket.send(event) }
        case .newMessage, .closingMessage:
            guard let events = RoomEvents.of(encoded: signal.data, closes: signal.kind == .closingMessage) else {
                return
            }
            let actions = room.feed.receive(.init(seq: signal.seq, mark: signal.messageID?.low, message: events))
            rooms[signal.orderID] = room
            perform(actions, in: signal.orderID)
            if rooms[signal.orderID]?.feed.isBehind ?? false { behind.insert(signal.orderID) }
        }
    }

    private func perform(_ actions: [RoomFeed<Events>.Action], in orderID: Identifier) {
        for action in actions {
            guard let room = rooms[orderID] else { return }
            switch action {
            case .deliver(let events): for event in events { room.live.send(event) }
            case .deliverTo(let member, let events): for event in events { room.members[member]?.send(event) }
            case .goLive(let member):
                if let socket = room.members[member] { rooms[orderID]?.live.insert(socket) }
            case .fetch(let after):
                signals.request(.init(orderID: orderID, room: room.number, after: after, member: nil))
            case .catchUp(let member, let after):
                if let socket = room.members[member] {
                    signals.request(.init(orderID: orderID, room: room.number, after: after, member: socket))
                }
            case .startAnew: return startAnew(orderID)
            }
        }
    }

    /// The room's past is not any more what was delivered of it: everybody in it is told to come again, spread over a
    /// moment, and nobody gets anything more of it before.
    private func startAnew(_ orderID: Identifier) {
        guard let room = rooms[orderID] else { return }
        logger.error(
            "messages that were delivered are gone: the room's sockets are told to reconnect",
            metadata: ["order.id": "\(orderID)", "sockets": "\(room.members.count)", "last.seq": "\(room.feed.known)"])
        var next = newRoom()
        next.joining = room.joining
        next.subscription = room.subscription
        next.waitingForSubscription = room.waitingForSubscription
        next.isSubscribing = room.isSubscribing
        rooms[orderID] = next
        for socket in room.members.values {
            socket.state.withLock { _ = $0.rooms.remove(orderID) }
            socket.close(.unknown(1012), within: .seconds(1))
        }
        closeIfEmpty(orderID)
    }

    // MARK: Fetching

    /// Fetches a page that a feed asked for.
    func fetch(_ request: PageRequest, in slots: WorkSlots) async {
        let orderID = request.orderID
        // A reader that catches up sets the pace: the next page is asked for when it has taken most of the one before.
        await request.member?.waitUntilRead()
        await slots.take()
        let page = await pages.page(of: orderID, after: request.after, requestID: request.member?.requestID) {
            await self.caller(in: orderID, request.member)
        }
        slots.release()
        guard var room = rooms[orderID], room.number == request.room else { return }
        let entries = page?.messages.map {
            RoomFeed<Events>.Entry(seq: $0.seq, mark: $0.id.low, message: RoomEvents.of($0))
        }
        guard let member = request.member else {
            guard let page, let entries else {
                rooms[orderID]?.feed.fetchFailed()
                behind.insert(orderID)
                return
            }
            let actions = room.feed.fetched(entries, hasMore: page.hasMore)
            rooms[orderID] = room
            return perform(actions, in: orderID)
        }
        guard room.members[member.id] != nil else { return }
        guard let entries, let actions = room.feed.caughtUp(member.id, after: request.after, entries) else {
            // A socket that cannot get what it missed must not stay as if it had it.
            leave(member, orderID)
            member.close(.unknown(1012))
            return
        }
        rooms[orderID] = room
        perform(actions, in: orderID)
    }

    /// One of those who are in the room, `member` if it is given; another each time, so that one who is refused does
    /// not stand in the way of the others.
    private func caller(in orderID: Identifier, _ member: LiveSocket?) -> Caller? {
        (member ?? rooms[orderID]?.members.values.randomElement())?.caller
    }

    // MARK: Ticks

    /// Every 100 ms: rooms with a gap that did not close by itself.
    func tickBehind() {
        for orderID in behind { tick(orderID, isUrgent: false) }
    }

    private func tick(_ orderID: Identifier, isUrgent: Bool) {
        guard var room = rooms[orderID] else {
            behind.remove(orderID)
            return
        }
        let actions = room.feed.tick(isUrgent: isUrgent)
        rooms[orderID] = room
        if room.feed.isBehind { behind.insert(orderID) } else { behind.remove(orderID) }
        perform(actions, in: orderID)
    }

    /// Compares what was delivered with what exists, for every room: finds messages whose signals were lost.
    func compareHeads(isUrgent: Bool) async {
        let ids = rooms.filter { !$0.value.members.isEmpty }.map(\.key)
        for start in stride(from: 0, to: ids.count, by: 500) {
            let part = Array(ids[start..<min(start + 500, ids.count)])
            let asked = part.reduce(into: [:]) { $0[$1] = rooms[$1].map { (number: $0.number, known: $0.feed.known) } }
            guard let heads = try? await bus.call(Chat.Heads(orderIds: part), context: .background()) else { return }
            // A room that chat does not know any more has lost everything.
            var told = asked.mapValues { _ in 0 }
            for head in heads.rooms { told[head.orderId] = head.lastSeq }
            for (orderID, head) in told {
                guard let asked = asked[orderID], var room = rooms[orderID], room.number == asked.number else {
                    continue
                }
                let actions = room.feed.observe(head: head, askedAt: asked.known)
                rooms[orderID] = room
                perform(actions, in: orderID)
                if rooms[orderID]?.feed.isBehind ?? false { tick(orderID, isUrgent: isUrgent) }
            }
        }
    }
}
