import Contracts
import Logging
import Messaging
import NIOWebSocket
import Primitives
import Synchronization

/// The rooms in which this gateway has sockets: listens to each while it has one in it, and delivers by the room's
/// `RoomFeed`.
actor RoomHub {
    /// What a message means to sockets: the message, and for the closing summary that the room is closed.
    typealias Events = [ServerEvent]

    private struct Room {
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
    /// Rooms looked at by the fast tick.
    private var behind: Set<Identifier> = []
    private let bus: MessageBus
    private let signals: SignalQueue
    private let logger: Logger

    init(bus: MessageBus, signals: SignalQueue, logger: Logger) {
        self.bus = bus
        self.signals = signals
        self.logger = logger
    }

    func members(of orderID: Identifier) -> [LiveSocket] { rooms[orderID].map { Array($0.members.values) } ?? [] }

    // MARK: Joining and leaving

    /// Joins a socket: listens first, asks then, and writes the answer before anything live. A failed join leaves
    /// nothing behind.
    ///
    /// - Parameter answer: writes the acknowledgement; called with the encoded answer, before any `newMessage` of the
    ///   room.
    func join(
        _ socket: LiveSocket, _ request: Chat.Join, context: RequestContext, answer: @Sendable ([UInt8]) -> Void
    ) async throws(ServiceError) {
        let orderID = request.orderId
        leave(socket, orderID)
        rooms[orderID, default: Room()].joining += 1
        defer {
            rooms[orderID]?.joining -= 1
            closeIfEmpty(orderID)
        }
        do { try await subscribe(orderID) } catch { throw .unavailable }
        let reply = try await bus.relay(request, context: context)
        guard let parsed = try? JSONParser.parse(reply.body).value, let roomHead = parsed["room"]["lastSeq"].integer,
            case .array(let messages) = parsed["messages"]
        else { throw .internal }
        let hasMore = parsed["hasMore"].bool ?? false
        // From here to the end nothing is awaited: the answer, the place in the feed and what is delivered are one
        // step.
        guard !socket.isClosed, var room = rooms[orderID] else { return }
        answer(reply.body)
        let last = messages.last?["seq"].integer
        let cursor = request.after.map { last ?? min($0, roomHead) } ?? max(last ?? 0, hasMore ? 0 : roomHead)
        room.members[socket.id] = socket
        socket.state.withLock { _ = $0.rooms.insert(orderID) }
        let actions = room.feed.join(socket.id, cursor: cursor, roomHead: roomHead)
        rooms[orderID] = room
        perform(actions, in: orderID)
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
            guard let events = Self.events(of: signal.data, closes: signal.kind == .closingMessage) else { return }
            let actions = room.feed.receive(.init(seq: signal.seq, message: events))
            rooms[signal.orderID] = room
            perform(actions, in: signal.orderID)
            if rooms[signal.orderID]?.feed.isBehind ?? false { behind.insert(signal.orderID) }
        }
    }

    /// The events that a message stands for; the notice of closing is made from the summary, so it cannot be lost apart
    /// from it.
    private static func events(of message: [UInt8], closes: Bool) -> Events? {
        let event = ServerEvent(.newMessage, data: message)
        guard closes else { return [event] }
        guard let summary = try? Message(jsonBytes: message) else { return nil }
        return [event, closingEvent(summary)]
    }

    private static func closingEvent(_ summary: Message) -> ServerEvent {
        ServerEvent(
            .roomClosed,
            RoomClosedNotice(
                orderId: summary.orderId, summary: summary.content, closedBy: summary.sender,
                closedAt: summary.createdAt, seq: summary.seq))
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
                if let socket = room.members.values.first(where: { $0.caller != nil }) {
                    signals.request(.init(orderID: orderID, after: after, socket: socket, isForAll: true))
                } else {
                    rooms[orderID]?.feed.fetchFailed()
                }
            case .catchUp(let member, let after):
                if let socket = room.members[member] {
                    signals.request(.init(orderID: orderID, after: after, socket: socket, isForAll: false))
                }
            }
        }
    }

    // MARK: Fetching

    /// Fetches a page that a feed asked for, in the name of a member, whose access is checked once more by it.
    func fetch(_ request: PageRequest, in slots: WorkSlots) async {
        // A reader that catches up sets the pace: the next page is asked for when it has taken most of the one before.
        if !request.isForAll { await request.socket.waitUntilRead() }
        await slots.take()
        let page = await self.page(request)
        slots.release()
        guard var room = rooms[request.orderID] else { return }
        let member = request.socket.id
        if request.isForAll {
            guard let page else {
                rooms[request.orderID]?.feed.fetchFailed()
                behind.insert(request.orderID)
                return
            }
            let actions = room.feed.fetched(page.entries, hasMore: page.hasMore)
            rooms[request.orderID] = room
            perform(actions, in: request.orderID)
        } else if room.members[member] != nil {
            guard let page, let actions = room.feed.caughtUp(member, after: request.after, page.entries) else {
                // A socket that cannot get what it missed must not stay as if it had it.
                leave(request.socket, request.orderID)
                request.socket.close(.unknown(1012))
                return
            }
            rooms[request.orderID] = room
            perform(actions, in: request.orderID)
        }
    }

    private func page(_ request: PageRequest) async -> (entries: [RoomFeed<Events>.Entry], hasMore: Bool)? {
        guard let caller = request.socket.caller else { return nil }
        let list = Chat.ListMessages(
            orderId: request.orderID, query: QueryParameters(["after": String(request.after), "limit": "100"]))
        for attempt in 1...3 {
            do {
                let page = try await bus.call(
                    list, context: RequestContext(caller: caller, requestID: request.socket.requestID))
                let entries = page.items.map { message in
                    let event = ServerEvent(.newMessage, message)
                    let events = message.kind == .summary ? [event, Self.closingEvent(message)] : [event]
                    return RoomFeed<Events>.Entry(seq: message.seq, message: events)
                }
                return (entries, page.hasMore)
            } catch {
                logger.warning(
                    "missed messages not fetched",
                    metadata: [
                        "order.id": "\(request.orderID)", "attempt": "\(attempt)", "error": "\(error.code.rawValue)",
                    ])
                if error.code == .forbidden || error.code == .notFound { return nil }
                try? await Task.sleep(for: .milliseconds(200 * attempt))
            }
        }
        return nil
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
            guard let heads = try? await bus.call(Chat.Heads(orderIds: part), context: .background()) else { return }
            for head in heads.rooms {
                rooms[head.orderId]?.feed.observe(head: head.lastSeq)
                if rooms[head.orderId]?.feed.isBehind ?? false { tick(head.orderId, isUrgent: isUrgent) }
            }
        }
    }
}
