import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// An order about to be stored.
struct NewOrder: Sendable {
    var id: Identifier
    var draft: OrderDraft
    var owner: Person
    var role: Role
    /// When the client gave one.
    var idempotencyKey: String?
    var traceparent: String?

    var idempotency: IdempotentRequest? {
        idempotencyKey.map { IdempotentRequest(userID: owner.id, key: $0, fingerprint: draft.fingerprint) }
    }
}

/// What became of it.
enum CreatedOrder: Sendable {
    case created(id: Identifier, answer: [UInt8])
    /// The stored answer of the first request with the same key.
    case replayed(id: Identifier, answer: [UInt8])
    case refused(ServiceError)
}

extension OrderStore {
    /// Stores many orders in one transaction of two round trips, each with its audit entry, its event and the answer
    /// kept for a repeat.
    ///
    /// The first trip takes the keys' locks, looks for stored answers and draws the numbers; the second writes and
    /// commits.
    static func create(_ orders: [NewOrder], _ session: DatabaseSession, _ events: OutboxEvents) throws
        -> [CreatedOrder]
    {
        var results = [CreatedOrder?](repeating: nil, count: orders.count)
        let now = Timestamp.now()
        let requests = orders.map(\.idempotency)
        let keyed = requests.indices.filter { requests[$0] != nil }
        let repeatable = keyed.compactMap { requests[$0] }
        let lookups = try session.pipeline(
            [
                "select nextval('order_number') from generate_series(1, \(orders.count))",
                "select id, name from people where id = any(\(Array(Set(orders.map(\.owner.id))))::uuid[])",
            ] + (keyed.isEmpty ? [] : Idempotency.lookUp(repeatable, now: now)))
        var numbers = try lookups[0].map { row in try row[0, as: Int.self] }
        let names = Dictionary(
            uniqueKeysWithValues: try lookups[1].map { row in try row.decode(Identifier.self, String.self) })
        if !keyed.isEmpty {
            let decisions = try Idempotency.decide(repeatable, locks: lookups[2], stored: lookups[3])
            for (index, decision) in zip(keyed, decisions) {
                switch decision {
                case .first: break
                case .replay(let id, let answer): results[index] = .replayed(id: id, answer: answer)
                case .refuse(let error): results[index] = .refused(error)
                }
            }
        }
        var rows: [Order] = []
        var answered: [(request: IdempotentRequest, reference: Identifier, answer: [UInt8])] = []
        let accepted = orders.indices.filter { results[$0] == nil }
        for index in accepted {
            let new = orders[index]
            let order = Order(
                id: new.id, number: numbers.removeFirst(), description: new.draft.description,
                specifications: new.draft.specifications, quantity: new.draft.quantity, metadata: new.draft.metadata,
                status: .first, nextStatuses: OrderStatus.first.next,
                version: 1, owner: Person(id: new.owner.id, name: names[new.owner.id] ?? new.owner.name),
                createdAt: new.id.time,
                updatedAt: new.id.time)
            let answer = JSONWriter.encode(order)
            rows.append(order)
            if let request = requests[index] { answered.append((request, order.id, answer)) }
            try events.add(
                Orders.Created.self, encoded: createdEvent(order, encoded: answer), key: order.id,
                traceparent: new.traceparent)
            results[index] = .created(id: order.id, answer: answer)
        }
        let strangers = rows.map(\.owner).filter { names[$0.id] == nil }
        var writes: [SQL] = strangers.isEmpty ? [] : [People.remember(strangers.map { ($0.id, $0.name) })]
        if !rows.isEmpty {
            writes += [insert(rows), HistoryStatements.addCreated(rows, roles: accepted.map { orders[$0].role })]
            if !answered.isEmpty { writes.append(Idempotency.remember(answered, now: now)) }
        }
        if !writes.isEmpty { try session.executeAndCommit(writes) }
        return results.map { $0 ?? .refused(.internal) }
    }

    /// What was stored of orders whose commit was left without an answer, by their ids.
    func created(_ ids: [Identifier]) async throws -> [Identifier: CreatedOrder] {
        let found = try await database.withConnection(idempotent: true) { session in
            try session.execute(
                "select \(sql: OrderRow.columns) from \(sql: OrderRow.source) where o.id = any(\(ids)::uuid[])"
            ).map(OrderRow.order)
        }
        return Dictionary(
            uniqueKeysWithValues: found.map { ($0.id, .created(id: $0.id, answer: JSONWriter.encode($0))) })
    }

    private static func insert(_ orders: [Order]) -> SQL {
        """
        insert into orders (id, number, owner_id, description, specifications, quantity, metadata, status, version, created_at, updated_at)
        select id, number, owner_id, description, specifications::json, quantity, metadata::json, '\(unsafe: OrderStatus.first.rawValue)', 1, created_at, created_at
        from unnest(\(orders.map(\.id))::uuid[], \(orders.map(\.number))::bigint[], \(orders.map(\.owner.id))::uuid[],
            \(orders.map(\.description))::text[], \(orders.map(\.specifications.encoded))::text[], \(orders.map(\.quantity))::integer[],
            \(orders.map { $0.metadata.column?.text })::text[], \(orders.map(\.createdAt))::timestamptz[])
            as new(id, number, owner_id, description, specifications, quantity, metadata, created_at)
        """
    }

    /// `Orders.Created` of an order that is encoded already.
    private static func createdEvent(_ order: Order, encoded: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(reserving: min(encoded.count, Order.eventLimit) + 16)
        if encoded.count <= Order.eventLimit {
            writer.object {
                $0.name("order")
                $0.raw(encoded)
            }
        } else {
            Orders.Created(order: order.outline, isOutline: true).write(to: &writer)
        }
        return writer.bytes
    }
}
