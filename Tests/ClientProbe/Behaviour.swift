import Foundation
import NIOSSL
import OrderlineClient

/// What the client does when something is refused, called back or missed.
struct Behaviour {
    let origin: String
    let olga: Client
    let ada: Client
    let otto: Client

    init(_ origin: String, owner: String, admin: String, other: String) async throws {
        self.origin = origin
        olga = try await .signedIn(origin, owner)
        ada = try await .signedIn(origin, admin)
        otto = try await .signedIn(origin, other)
    }

    func told() async throws -> [String: JSONValue] {
        var told = try await refusals()
        let order = try await olga.placeOrder(table)
        told.merge(try await changes(of: order)) { $1 }
        told["foreign"] = await refusal { for try await _ in otto.room(order.id).events {} }
        let foreign = otto.room(order.id)
        _ = await refusal { for try await _ in foreign.events {} }
        told["foreignSend"] = await refusal { try await foreign.send("Hello?") }
        let room = olga.room(order.id, after: 0)
        told.merge(try await reading(room, of: order)) { $1 }
        told.merge(try await calledBack(in: order)) { $1 }
        told["listed"] = .array(try await ids(olga.orders(status: .review)).map { .bool($0 == order.id) })
        told["closed"] = try await closing(of: order)
        // The same key makes one order.
        let bench = OrderDraft(description: "A bench", specifications: "oak", quantity: 1)
        async let one = olga.placeOrder(bench, key: "the same")
        async let two = olga.placeOrder(bench, key: "the same")
        told["once"] = .bool(try await one.id == two.id)
        // Listens before it signs out.
        let ended = Task.immediate { try await endOfSession() }
        try await olga.logOut()
        told["ended"] = try await ended.value
        told["afterLogOut"] = await refusal { _ = try await olga.order(order.id) }
        told["twice"] = await refusal { try await olga.logOut() }
        for each in [ada, otto] { await each.close() }
        return told
    }

    private func refusals() async throws -> [String: JSONValue] {
        let nobody = try Client(origin: origin)
        return [
            "wrong": await refusal {
                try await nobody.logIn(email: "nobody@shop.example", password: "wrong wrong wrong")
            },
            "unknown": await refusal { _ = try await nobody.order("00000000-0000-7000-8000-000000000000") },
            "resumed": try await nobody.resume().map { .string($0.id) } ?? .null,
            "invalid": await refusal {
                _ = try await olga.placeOrder(OrderDraft(description: "", specifications: 1, quantity: 0))
            },
            "escaped": await refusal { _ = try await olga.order("../users/me?x=1#y") },
            "origin": await refusal { _ = try Client(origin: "ftp://shop.example/") },
            "nobodyThere": await refusal {
                try await Client(origin: "http://127.0.0.1:1").logIn(email: "a", password: "b")
            },
        ]
    }

    private func changes(of order: Order) async throws -> [String: JSONValue] {
        let changed = try await olga.updateOrder(
            order, OrderChanges(quantity: 2, metadata: ["colour": ["red", 1.5, nil]]))
        let stale = await refusal { _ = try await olga.updateOrder(order, OrderChanges(quantity: 3)) }
        var history: [JSONValue] = []
        for try await entry in olga.orderHistory(order.id) { history.append(.string(entry.type.rawValue)) }
        let cleared = try await olga.updateOrder(changed, OrderChanges(metadata: .null))
        let stats = try await ada.orderStats()
        return [
            "changed": .integer(changed.version), "stale": stale, "history": .array(history),
            "metadata": .array([
                changed.metadata.map { .object($0) } ?? .null, cleared.metadata.map { .object($0) } ?? .null,
            ]),
            "counted": .bool(stats.review > 0 && stats.total == stats.review + stats.processing + stats.completed),
        ]
    }

    /// More was said than one join brings, and others do something.
    private func reading(_ room: Room, of order: Order) async throws -> [String: JSONValue] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<150 { group.addImmediateTask { try await room.send("message \(number)") } }
            try await group.waitForAll()
        }
        try await room.send("the last")
        var (states, seqs): ([JSONValue], [Int]) = ([], [])
        reading: for try await event in ada.room(order.id, after: 0).events {
            switch event {
            case .message(let message): seqs.append(message.seq)
            case .state(let state, _):
                states.append(.string(state.rawValue))
                if state == .live { break reading }
            default: break
            }
        }
        var newest: [JSONValue] = []
        for try await case .message(let message) in ada.room(order.id, limit: 5).events {
            newest.append(.integer(message.seq))
            if newest.count == 5 { break }
        }
        let older = try await room.messages(before: 3).items.map { JSONValue.integer($0.seq) }
        async let others: Void = untilOthersAct(in: room)
        let joined = ada.room(order.id)
        for try await case .state(.live, _) in joined.events { break }
        for try await case .state(.live, _) in room.events { break }
        await joined.typing(true)
        try await joined.markRead()
        try await others
        return [
            "behind": .array(states), "caughtUp": .bool(seqs == Array(1...151)), "newest": .array(newest),
            "older": .array(older),
        ]
    }

    private func untilOthersAct(in room: Room) async throws {
        var missing: Set<String> = ["typing", "read", "presence"]
        for try await event in room.events {
            switch event {
            case .typing: missing.remove("typing")
            case .read: missing.remove("read")
            case .presence: missing.remove("presence")
            default: break
            }
            if missing.isEmpty { return }
        }
    }

    /// Called back before it was sent, and the room with it.
    private func calledBack(in order: Order) async throws -> [String: JSONValue] {
        let mute = olga.room(order.id)
        let reading = Task {
            for try await _ in mute.events {}
            return "over"
        }
        let sending = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await refusal { try await mute.send("never") }
        }
        let aborted = await sending.value
        for try await case .state(.live, _) in mute.events { break }
        await mute.leave()
        let (over, state) = (try await reading.value, await mute.state)
        return [
            "aborted": aborted, "left": [.string(over), .string(state.rawValue)],
            "afterLeaving": await refusal { try await mute.send("too late") },
            "said": .bool(try await mute.messages().items.contains { $0.content == "never" }),
        ]
    }

    /// Closed before one joins: told once, behind the summary.
    private func closing(of order: Order) async throws -> JSONValue {
        try await ada.room(order.id).close("Agreed")
        var told: [JSONValue] = []
        for try await event in olga.room(order.id, after: 150).events {
            if case .message(let message) = event { told.append(.integer(message.seq)) }
            if case .closed(let notice) = event {
                told += [.string(notice.summary), .integer(notice.seq)]
                break
            }
        }
        return .array(told)
    }

    private func ids(_ orders: Listing<Order>) async throws -> [String] {
        var ids: [String] = []
        for try await order in orders { ids.append(order.id) }
        return ids
    }

    private func endOfSession() async throws -> JSONValue {
        for try await case .sessionEnded(let reason) in olga.events { return .string(reason.rawValue) }
        return .null
    }
}

/// With what it is refused, or `null`.
func refusal(_ work: () async throws -> Void) async -> JSONValue {
    do {
        try await work()
        return .null
    } catch let problem as Problem {
        return [
            "code": .string(problem.code.rawValue), "status": .integer(problem.status),
            "fields": .array(problem.errors.map { .string($0.field) }),
        ]
    } catch {
        return .string("\(error)")
    }
}

/// Over TLS, by an authority of one's own and without it.
func encrypted(_ origin: String, owner: String, authority: String) async throws -> [String: JSONValue] {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .file(authority)
    let (olga, somebody) = (try Client(origin: origin, tls: tls), try Somebody(owner))
    try await olga.register(name: "Olga", email: somebody.email, password: somebody.password)
    let order = try await olga.placeOrder(table)
    let message = try await olga.room(order.id).send("Over TLS")
    let stranger = try Client(origin: origin)
    return [
        "seq": .integer(message.seq),
        "stranger": await refusal { try await stranger.logIn(email: somebody.email, password: somebody.password) },
    ]
}
