import Contracts
import Logging
import MemoryTransport
import Messaging
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import ChatService

/// The chat service on a database of its own, with a transport in memory: handlers are called directly.
struct ChatFixture: Sendable {
    let database: Database
    let store: ChatStore
    let finder: RoomFinder
    let send: SendMessage
    /// The signals that gateways would get, in order.
    let signals: Recorder<RoomSignal>
    let bus: MessageBus
    let live: LiveRooms

    static func with(
        adjust: (inout DatabaseConfiguration) -> Void = { _ in }, through port: UInt16? = nil,
        _ body: (ChatFixture) async throws -> Void
    ) async throws {
        try await TestDatabase.with(
            schema: "chat", migrations: try ChatService.migrations, adjust: adjust, through: port
        ) { database in
            let transport = MemoryTransport(hub: MemoryHub())
            let signals = Recorder<RoomSignal>()
            let subscription = try await transport.subscribe("live.room.*") { subject, message in
                if let signal = RoomSignal(subject: subject, envelope: message) { signals.record(signal) }
            }
            try await body(ChatFixture(database: database, transport: transport, signals: signals))
            await subscription.cancel()
        }
    }

    private init(database: Database, transport: MemoryTransport, signals: Recorder<RoomSignal>) {
        self.database = database
        self.signals = signals
        store = ChatStore(database: database, outbox: Outbox(schema: "chat"))
        live = LiveRooms(transport: transport, logger: .silent)
        bus = MessageBus(transport: transport)
        finder = RoomFinder(store: store, bus: bus)
        send = SendMessage(finder: finder, live: live)
    }

    /// A new order's room.
    func room(of owner: Caller, number: Int = 1000) async throws -> Identifier {
        let id = Identifier.make()
        _ = try await store.makeRooms(of: [.made(id, number: number, of: owner)])
        return id
    }

    func send(
        _ content: String, in room: Identifier, by caller: Caller, clientMessageID: Identifier? = nil,
        deadline: Duration? = nil
    ) async throws -> Answer<Message> {
        let id = clientMessageID.map { #","clientMessageId":"\#($0)""# } ?? ""
        let body = #"{"content":\#(JSON.string(content).encoded)\#(id)}"#
        var context = context(caller)
        context.deadline = deadline.map { .now + $0 }
        return try await send.handle(Chat.Send(orderID: room, body: Array(body.utf8)), context)
    }

    func close(
        _ room: Identifier, _ summary: String = "Done", by caller: Caller, key: String? = nil
    ) async throws -> Answer<Room> {
        let body = #"{"summary":\#(JSON.string(summary).encoded)}"#
        return try await CloseRoom(finder: finder, live: live)
            .handle(Chat.Close(orderID: room, idempotencyKey: key, body: Array(body.utf8)), context(caller))
    }

    func markRead(_ room: Identifier, _ seq: Int, by caller: Caller) async throws {
        _ = try await MarkRead(finder: finder, live: live)
            .handle(Chat.MarkRead(orderID: room, body: Array(#"{"seq":\#(seq)}"#.utf8)), context(caller))
    }

    func get(_ room: Identifier, by caller: Caller) async throws -> Room {
        try await GetRoom(finder: finder).handle(Chat.GetRoom(orderID: room), context(caller)).read()
    }

    func unread(_ room: Identifier, by caller: Caller) async throws -> Int { try await get(room, by: caller).unread }

    func messages(_ room: Identifier, _ query: [String: String] = [:], by caller: Caller) async throws -> MessagePage {
        try await ListMessages(finder: finder)
            .handle(Chat.ListMessages(orderID: room, query: QueryParameters(query)), context(caller)).read()
    }

    func rooms(_ query: [String: String] = [:], by caller: Caller) async throws -> Page<Room> {
        try await ListRooms(store: store).handle(Chat.ListRooms(query: QueryParameters(query)), context(caller)).read()
    }

    func join(_ room: Identifier, after: Int? = nil, limit: Int? = nil, by caller: Caller) async throws -> JoinedRoom {
        try await JoinRoom(finder: finder)
            .handle(Chat.Join(orderID: room, after: after, limit: limit), context(caller)).read()
    }

    /// All of a room's messages, as stored.
    func stored(_ room: Identifier) async throws -> [(seq: Int, kind: String, content: String)] {
        try await database.withConnection { session in
            try session.execute("select seq, kind, content from messages where order_id = \(room) order by seq").map {
                try $0.decode(Int.self, String.self, String.self)
            }
        }
    }

    func count(_ query: SQL) async throws -> Int {
        try await database.withConnection { try $0.first(query)?[0, as: Int.self] ?? 0 }
    }
}
