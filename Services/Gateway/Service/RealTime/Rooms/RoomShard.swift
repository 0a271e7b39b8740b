import Contracts
import Logging
import Messaging
import Primitives
import ServiceLifecycle
import SocketServer
import Threads

/// A part of the gateway's rooms: listens to each while it has sockets in it, and delivers by the room's `RoomFeed`.
///
/// A step of a room never waits for anything, so that deliveries keep their order. What a step calls for and what takes
/// a while (a page, the end of a subscription) goes to `chores`, and `run` does it beside the steps.
actor RoomShard {
    typealias Events = RoomState.Events

    var rooms: [Identifier: RoomState] = [:] {
        didSet { if !isWatching, !rooms.isEmpty { beginWatching() } }
    }
    private var lastNumber = 0
    /// Rooms looked at by the fast tick: those with a gap, and those with something to tell of who is there or types.
    var behind: Set<Identifier> = [] {
        didSet { if !isTicking, !behind.isEmpty { beginTicking() } }
    }
    var stirring: Set<Identifier> = [] {
        didSet { if !isTicking, !stirring.isEmpty { beginTicking() } }
    }
    /// Rooms that have been forgotten, and of which the other gateways are to be told that nobody is there. Kept while
    /// there is no link, through which no room is opened: no more than there were.
    var farewells: Set<Identifier> = [] {
        didSet { if !isTicking, !farewells.isEmpty { beginTicking() } }
    }
    /// Whether the fast tick runs: only while some room needs it.
    private var isTicking = false
    /// Whether it is looked now and then at all rooms: only while there are any.
    private var isWatching = false
    private var sweeps = 0
    private var isComparing = false
    var peers = GatewayPeers()
    /// Of the last signal about who is there or types.
    var lastSignal = 0
    let gateway: GatewayID
    /// Signals of other gateways that could not be read, or were too much.
    let passedOver: SignalCount
    let bus: MessageBus
    private let pages: RoomPages
    let logger: Logger
    private nonisolated let signals = RoomSignals()
    private nonisolated let chores = RoomChores()

    init(gateway: GatewayID, passedOver: SignalCount, bus: MessageBus, pages: RoomPages, logger: Logger) {
        self.gateway = gateway
        self.passedOver = passedOver
        self.bus = bus
        self.pages = pages
        self.logger = logger
    }

    func members(of orderID: Identifier) -> [LiveSocket] { rooms[orderID].map { Array($0.members.values) } ?? [] }

    // MARK: Running

    /// Takes signals in their order, does chores beside them, and looks at rooms that are behind, or have something to
    /// tell, every 100 ms, at all heads every 2 s and at all of who is there every second, until told to stop. Where
    /// there are no rooms, nothing is looked at.
    nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.signals.each { await self.receive($0) } }
            group.addTask { await self.chores.each { await self.carryOut($0) } }
        }
    }

    /// One comparison at a time: chat may take its time to answer.
    private func compareHeads() async {
        guard !isComparing else { return }
        isComparing = true
        await compareHeads(isUrgent: false)
        isComparing = false
    }

    private func beginTicking() {
        isTicking = true
        chores.add(.repeating(.milliseconds(100)) { await self.tick() })
    }

    private func beginWatching() {
        isWatching = true
        chores.add(.repeating(.seconds(1)) { await self.watch() })
    }

    /// - Returns: whether to go on.
    private func tick() -> Bool {
        tickBehind()
        tickStirring()
        isTicking = !behind.isEmpty || !stirring.isEmpty || !farewells.isEmpty
        return isTicking
    }

    /// - Returns: whether to go on.
    private func watch() -> Bool {
        sweep()
        sweeps += 1
        if sweeps % 2 == 0 { chores.add(.compareHeads) }
        isWatching = !rooms.isEmpty
        return isWatching
    }

    private nonisolated func carryOut(_ chore: RoomChores.Chore) async {
        switch chore {
        case .fetch(let request):
            let page = await pages.fetch(request) { await self.caller(in: request.orderID, request.member) }
            await take(page, for: request)
        case .leave(let socket, let orderID): await leave(socket, orderID)
        case .retire(let subscription): await subscription.cancel()
        case .repeating(let interval, let body):
            repeat {
                guard (try? await Pause.sleep(for: interval)) != nil else { return }
            } while await body()
        case .compareHeads: await compareHeads()
        case .linkIsUp:
            await announceAll()
            await compareHeads(isUrgent: true)
        }
    }

    /// The link came back: signals may have been lost.
    nonisolated func linkIsUp() { chores.add(.linkIsUp) }

    /// Another gateway has told something of itself. May be called from anywhere.
    nonisolated func hear(_ signal: GatewaySignal) { signals.add(.gateway(signal)) }

    nonisolated func closed(_ socket: LiveSocket, _ orderID: Identifier) { chores.add(.leave(socket, orderID)) }

    // MARK: Joining and leaving

    /// See `RoomHub.join`.
    func join(
        _ socket: LiveSocket, _ request: Chat.Join, context: CallContext,
        answer: @Sendable (_ body: [UInt8], _ messages: [JSON]) -> Void
    ) async throws(ServiceError) {
        let orderID = request.orderID
        leave(socket, orderID)
        if rooms[orderID] == nil { rooms[orderID] = newRoom() }
        rooms[orderID]?.joining += 1
        defer {
            rooms[orderID]?.joining -= 1
            closeIfUnused(orderID)
        }
        do { try await listen(orderID) } catch { throw .unavailable }
        var joined: JoinAnswer
        var number: Int?
        repeat {
            number = rooms[orderID]?.number
            joined = try JoinAnswer(try await bus.relay(request, context: context).body)
            // An answer that was on its way while the room was begun anew may be of the past that is no more.
        } while number != rooms[orderID]?.number
        // From here to the end nothing is awaited: the answer, the place in the feed and what is delivered are one
        // step.
        guard var room = rooms[orderID], let caller = socket.caller, socket.enter(orderID) else { return }
        answer(joined.body, joined.messages)
        room.members[socket.id] = socket
        if !joined.isOpen { room.isClosed = true }
        enter(socket, as: caller, &room, orderID)
        let actions = room.feed.join(
            socket.id, cursor: joined.cursor(after: request.after), roomHead: joined.roomHead, told: joined.marks)
        rooms[orderID] = room
        perform(actions, in: orderID)
    }

    func newRoom() -> RoomState {
        lastNumber += 1
        return RoomState(number: lastNumber, gateway: gateway)
    }

    func leave(_ socket: LiveSocket, _ orderID: Identifier) {
        guard rooms[orderID]?.members.removeValue(forKey: socket.id) != nil else { return }
        depart(socket, orderID)
        rooms[orderID]?.live.remove(socket)
        rooms[orderID]?.feed.leave(socket.id)
        socket.exit(orderID)
        closeIfUnused(orderID)
    }

    /// Takes a socket out and tells the last message of the room that it has; `nil` when it is not in it.
    func suspend(_ socket: LiveSocket, _ orderID: Identifier) -> Int? {
        let place = rooms[orderID].flatMap { $0.members[socket.id] == nil ? nil : $0.feed.position(of: socket.id) }
        leave(socket, orderID)
        return place
    }

    func closeIfUnused(_ orderID: Identifier) {
        guard let room = rooms[orderID], room.isUnused else { return }
        rooms[orderID] = nil
        behind.remove(orderID)
        stirring.remove(orderID)
        if room.presence.isKnownToOthers { farewells.insert(orderID) }
        if case .yes(let subscription) = room.listening { chores.add(.retire(subscription)) }
    }

    /// Returns when the room's signals are listened to.
    private func listen(_ orderID: Identifier) async throws {
        switch rooms[orderID]?.listening {
        case nil, .yes: return
        case .asked(let waiting):
            try await withCheckedThrowingContinuation { rooms[orderID]?.listening = .asked(waiting + [$0]) }
            return
        case .no: break
        }
        rooms[orderID]?.listening = .asked([])
        let outcome: Result<any TransportSubscription, any Error>
        do {
            outcome = .success(
                try await bus.transport.subscribe(RoomSignal.subject(of: orderID)) {
                    [signals, gateway] subject, message in
                    guard let signal = RoomSignal(subject: subject, envelope: message), signal.gateway != gateway
                    else { return }
                    signals.add(.room(signal))
                })
            // At once, so that the answers are here before the first socket is let in.
            publish(PresenceSignal(users: nil, asks: true), about: orderID)
        } catch {
            outcome = .failure(error)
        }
        let before = rooms[orderID]?.listening
        rooms[orderID]?.listening = (try? outcome.get()).map { .yes($0) } ?? .no
        if case .asked(let waiting) = before {
            for continuation in waiting { continuation.resume(with: outcome.map { _ in }) }
        }
        _ = try outcome.get()
    }

    // MARK: Delivering

    private func receive(_ signal: RoomSignals.Signal) {
        switch signal {
        case .room(let signal): receive(signal)
        case .gateway(let signal): receive(signal)
        }
    }

    private func receive(_ signal: RoomSignal) {
        guard var room = rooms[signal.orderID] else { return }
        switch signal.kind {
        case .presence, .typing: takeAwareness(signal)
        case .messagesRead:
            let event = ServerEvent(.messagesRead, data: signal.data)
            for socket in room.members.values { socket.send(event) }
        case .newMessage, .closingMessage:
            guard let events = RoomEvents.of(encoded: signal.data, closes: signal.kind == .closingMessage) else {
                return
            }
            endTyping(by: signal, &room)
            let actions = room.feed.receive(.init(seq: signal.seq, mark: signal.messageID?.low, message: events))
            rooms[signal.orderID] = room
            perform(actions, in: signal.orderID)
            if rooms[signal.orderID]?.feed.isBehind ?? false { behind.insert(signal.orderID) }
        }
    }

    func perform(_ actions: [RoomFeed<Events>.Action], in orderID: Identifier) {
        for action in actions {
            guard let room = rooms[orderID] else { return }
            switch action {
            case .deliver(let events): for event in events { room.live.send(event) }
            case .deliverTo(let member, let events): for event in events { room.members[member]?.send(event) }
            case .goLive(let member):
                if let socket = room.members[member] { rooms[orderID]?.live.insert(socket) }
            case .fetch(let after):
                chores.add(.fetch(.init(orderID: orderID, room: room.number, after: after, member: nil)))
            case .catchUp(let member, let after):
                if let socket = room.members[member] {
                    chores.add(.fetch(.init(orderID: orderID, room: room.number, after: after, member: socket)))
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
        lastNumber += 1
        rooms[orderID] = room.begunAnew(number: lastNumber, at: .now)
        stirring.insert(orderID)
        for socket in room.members.values {
            socket.exit(orderID)
            socket.close(.reconnect, within: .seconds(1))
        }
        closeIfUnused(orderID)
    }
}
