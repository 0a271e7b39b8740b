import Contracts
import MemoryTransport
import Messaging
import Primitives
import Synchronization

@testable import GatewayService

/// A chat service in memory: rooms with messages, and the rule of who may be in them.
final class ScriptedChat: Sendable {
    struct State {
        var owners: [Identifier: Identifier] = [:]
        var messages: [Identifier: [Message]] = [:]
        var closed: Set<Identifier> = []
        /// Whether it is of a version that does not know `chat.catch-up`.
        var isOld = false
        /// Answers nobody.
        var isAway = false
        var asked: [String] = []
        /// Called before a page of a transcript is answered; what it throws is the answer.
        var onTranscript: (@Sendable (Chat.Transcript) throws(ServiceError) -> Void)?
    }

    let state = Mutex(State())
    /// Passed by each answer to `chat.join`.
    let gate = Gate()
    let transport: MemoryTransport

    init(transport: MemoryTransport) { self.transport = transport }

    var asked: [String] { state.withLock { $0.asked } }

    func room(of owner: Caller) -> Identifier {
        let id = Identifier.make()
        state.withLock { state in
            state.owners[id] = owner.userID
            state.messages[id] = []
        }
        return id
    }

    /// Stores a message, and tells of it unless that is to be lost.
    @discardableResult
    func store(_ content: String, in room: Identifier, by sender: Caller, isTold: Bool = true) throws -> Message {
        let message = state.withLock { state -> Message in
            let message = Message(
                id: .make(), orderID: room, seq: (state.messages[room]?.count ?? 0) + 1, kind: .text,
                sender: Participant(id: sender.userID, name: sender.name, role: sender.role), content: content,
                createdAt: .now())
            state.messages[room]?.append(message)
            return message
        }
        if isTold { try tell(message) }
        return message
    }

    /// Closes a room with a summary, and tells of it.
    func close(_ room: Identifier, by admin: Caller) throws {
        state.withLock { _ = $0.closed.insert(room) }
        var summary = try store("closed", in: room, by: admin, isTold: false)
        summary.kind = .summary
        try tell(summary)
    }

    func tell(_ message: Message) throws {
        let signal = RoomSignal(
            kind: message.kind == .summary ? .closingMessage : .newMessage, orderID: message.orderID, seq: message.seq,
            messageID: message.id,
            data: JSONWriter.encode(message))
        try transport.publish(signal.subject, signal.envelope)
    }

    /// The last messages are gone, as after a fail-over to a database that had not got them.
    func lose(_ count: Int, in room: Identifier) {
        state.withLock { $0.messages[room]?.removeLast(count) }
    }

    /// Returns when questions are answered; forgets those asked so far.
    func waitUntilServed() async throws {
        let bus = MessageBus(transport: transport)
        while (try? await bus.call(Chat.Heads(orderIDs: []), context: .background())) == nil { await Task.yield() }
        if !state.withLock({ $0.isOld }) {
            let page = Chat.CatchUp(orderID: .make(), after: 0)
            while (try? await bus.call(page, context: .background())) == nil { await Task.yield() }
        }
        state.withLock { $0.asked = [] }
    }

    /// Answers until cancelled.
    func serve() async throws {
        let known = ["chat.join", "chat.list-messages", "chat.heads", "chat.get-room", "chat.transcript"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.serve(known) }
            if !state.withLock({ $0.isOld }) { group.addTask { try await self.serve(["chat.catch-up"]) } }
            try await group.waitForAll()
        }
    }

    private func serve(_ subjects: [String]) async throws {
        try await transport.serve(
            subjects, queue: "chat", limit: 100, refusal: Envelope(error: .overloaded)
        ) { subject, envelope in
            if subject == "chat.join" { await self.gate.pass() }
            do throws(ServiceError) {
                return Envelope(payload: try self.answer(subject, envelope))
            } catch {
                return Envelope(error: error)
            }
        }
    }

    private func answer(_ subject: String, _ envelope: Envelope) throws(ServiceError) -> [UInt8] {
        guard let parameters = try? JSONParser.parse(envelope.payload).value else { throw .internal }
        let caller = envelope["caller"].flatMap(Caller.init(headerValue:))
        let asker = caller?.name ?? "nobody"
        let isAway = state.withLock { state in
            state.asked.append("\(subject) by \(asker)")
            return state.isAway
        }
        if isAway { throw .unavailable }
        switch subject {
        case "chat.heads":
            guard let request = try? Chat.Heads(json: parameters) else { throw .internal }
            return JSONWriter.encode(heads(request.orderIDs))
        case "chat.catch-up":
            guard let request = try? Chat.CatchUp(json: parameters) else { throw .internal }
            return JSONWriter.encode(page(request.orderID, after: request.after, limit: 100))
        case "chat.list-messages":
            guard let request = try? Chat.ListMessages(json: parameters) else { throw .internal }
            try require(caller, in: request.orderID)
            let after = request.query.values["after"].flatMap { Int($0) } ?? 0
            return JSONWriter.encode(page(request.orderID, after: after, limit: 100))
        case "chat.transcript":
            guard let request = try? Chat.Transcript(json: parameters) else { throw .internal }
            try require(caller, in: request.orderID)
            return JSONWriter.encode(try transcript(request))
        case "chat.get-room":
            guard let request = try? Chat.GetRoom(json: parameters) else { throw .internal }
            try require(caller, in: request.orderID)
            return JSONWriter.encode(joined(Chat.Join(orderID: request.orderID)).room)
        default:
            guard let request = try? Chat.Join(json: parameters) else { throw .internal }
            try require(caller, in: request.orderID)
            return JSONWriter.encode(joined(request))
        }
    }

    private func require(_ caller: Caller?, in room: Identifier) throws(ServiceError) {
        guard let caller, let owner = state.withLock({ $0.owners[room] }) else { throw .notFound("room") }
        guard caller.isAdmin || caller.userID == owner else { throw .forbidden }
    }

    private func heads(_ rooms: [Identifier]) -> RoomHeads {
        state.withLock { state in
            RoomHeads(
                rooms: rooms.compactMap { id in
                    state.messages[id].map { RoomHead(orderID: id, lastSeq: $0.count) }
                })
        }
    }

    private func page(_ room: Identifier, after: Int, limit: Int) -> MessagePage {
        let rest = state.withLock { Array(($0.messages[room] ?? []).dropFirst(after)) }
        let items = Array(rest.prefix(limit))
        return MessagePage(
            items: items, firstSeq: items.first?.seq, lastSeq: items.last?.seq, hasMore: rest.count > limit)
    }

    /// A hundred messages a page.
    private func transcript(_ request: Chat.Transcript) throws(ServiceError) -> TranscriptPage {
        let hook = state.withLock { $0.onTranscript }
        try hook?(request)
        let (messages, owner) = state.withLock { state in
            (state.messages[request.orderID] ?? [], state.owners[request.orderID] ?? .make())
        }
        let room = Room(
            orderID: request.orderID, owner: Person(id: owner, name: "Owner"), isOpen: true, lastSeq: messages.count,
            unread: 0, createdAt: .now())
        let wanted = messages.prefix(request.upTo ?? messages.count).dropFirst(request.after ?? 0).prefix(100)
        return TranscriptPage(
            head: request.after == nil ? TranscriptHead(of: room, number: 1042) : nil, messages: Array(wanted))
    }

    private func joined(_ request: Chat.Join) -> JoinedRoom {
        let (messages, owner, isOpen) = state.withLock { state in
            (
                state.messages[request.orderID] ?? [], state.owners[request.orderID] ?? .make(),
                !state.closed.contains(request.orderID)
            )
        }
        let limit = request.limit ?? 50
        let wanted = request.after.map { Array(messages.dropFirst($0).prefix(limit)) } ?? messages.suffix(limit)
        let room = Room(
            orderID: request.orderID, owner: Person(id: owner, name: "Owner"), isOpen: isOpen, lastSeq: messages.count,
            unread: 0, lastMessage: messages.last, createdAt: .now())
        let rest = messages.count - (request.after ?? 0)
        return JoinedRoom(
            room: room, messages: wanted, hasMore: request.after == nil ? rest > limit : rest > wanted.count)
    }
}
