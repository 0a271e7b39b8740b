package import Messaging
package import Postgres
package import Primitives

/// The events that a transaction tells. Their rows are written with its COMMIT.
package final class OutboxEvents {
    private var collected: [OutboxEvent] = []
    private var isWritten = false

    init() {}

    /// Tells `event` of the thing `key`; events of the same thing are sent in the order of their commits.
    ///
    /// - Parameter context: of the request that is its cause, whose trace it carries on.
    /// - Throws: `.misuse` after COMMIT was sent: nobody would ever hear of it.
    package func add<Event: ServiceEvent>(
        _ event: Event, key: Identifier, context: CallContext? = nil
    ) throws(DatabaseError) {
        try add(Event.self, encoded: JSONWriter.encode(event), key: key, traceparent: context?.traceparent)
    }

    /// The same for an event that is encoded already.
    package func add<Event: ServiceEvent>(
        _ type: Event.Type, encoded: [UInt8], key: Identifier, traceparent: String?
    ) throws(DatabaseError) {
        guard !isWritten else { throw DatabaseError(misuse: "an event was told after the end of its transaction") }
        collected.append(OutboxEvent(key: key, subject: Event.subject, payload: encoded, traceparent: traceparent))
    }

    /// Adds rows as they are.
    func add(rows: [OutboxEvent]) { collected += rows }

    /// All of them, for their rows to be written; nothing can be added any more.
    func takeAll() -> [OutboxEvent] {
        isWritten = true
        return collected
    }
}
