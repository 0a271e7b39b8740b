package import Postgres
import Synchronization

extension Database {
    /// `withTransaction` for one that tells events: they are written in it, with its COMMIT and without a round trip of
    /// their own, and `outbox`'s relay is woken after it.
    ///
    /// Every run of the body begins with no events, so what a run told that was rolled back is never sent. Throws as
    /// `withTransaction`.
    @discardableResult
    package func withTransaction<R: Sendable>(
        telling outbox: Outbox, waitsForLocks: Bool = true,
        _ body: @Sendable @escaping (DatabaseSession, OutboxEvents) throws -> R
    ) async throws -> R {
        // Rows went out with a COMMIT. When its answer is lost they may be there as well, so whatever comes of it the
        // relay looks.
        let hasTold = Atomic(false)
        defer { if hasTold.load(ordering: .relaxed) { outbox.wakeRelay() } }
        return try await withTransaction(waitsForLocks: waitsForLocks) { session in
            let events = OutboxEvents()
            session.atCommit {
                let statements = outbox.statements(adding: events.takeAll())
                if !statements.isEmpty { hasTold.store(true, ordering: .relaxed) }
                return statements
            }
            return try body(session, events)
        }
    }

    /// `awaitEnd(of:)` for a transaction that may have told events: only now is it certain whether they are there.
    package func awaitEnd(of unknown: DatabaseError, telling outbox: Outbox) async throws {
        defer { outbox.wakeRelay() }
        try await awaitEnd(of: unknown)
    }
}
