import Synchronization

/// Does together what arrives while a batch is under way: one transaction for many writes (group commit), one query for
/// many lookups.
///
/// While a batch is in flight, what is submitted waits and goes out as the next batch. There is no timer and no task of
/// its own: the first caller to find no batch in flight leads one, and on its end hands the lead to a caller that waits.
/// When a batch fails as a whole, its members are run singly, in order, so that one bad member costs only itself.
///
/// Members of a batch keep the order in which they were submitted.
package final class Batcher<Item: Sendable, Output: Sendable>: Sendable {
    /// Runs a batch in one transaction; one result for each item, in order. Throwing means that nothing of it was
    /// committed.
    package typealias Run = @Sendable ([Item]) async throws -> [Result<Output, any Error>]

    private enum Turn: Sendable {
        case done(Result<Output, any Error>)
        /// This caller, whose item is still with it, leads the next batch.
        case lead
    }

    private struct Waiter: Sendable {
        var item: Item
        var continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var inFlight = 0
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())
    /// Largest batch: bounds the transaction and the arrays bound in it.
    private let batchLimit: Int
    /// Batches in flight at once. More than one lets one prepare while another waits for the disk.
    private let concurrency: Int
    /// Callers that may wait; one more is refused.
    private let waitingLimit: Int
    private let run: Run

    package init(batchLimit: Int = 128, concurrency: Int = 1, waitingLimit: Int = 4096, run: @escaping Run) {
        self.batchLimit = batchLimit
        self.concurrency = concurrency
        self.waitingLimit = waitingLimit
        self.run = run
    }

    /// Runs `item` in some batch and gives its own result.
    /// - Throws: the item's own error; `DatabaseError` `.poolExhausted` when too many wait.
    package func submit(_ item: Item) async throws -> Output {
        let leads = try state.withLock { state throws(DatabaseError) in
            if state.inFlight < concurrency {
                state.inFlight += 1
                return true
            }
            guard state.waiting.count < waitingLimit else {
                throw DatabaseError(.poolExhausted, "too many calls wait for a batch")
            }
            return false
        }
        if leads { return try await lead(item) }
        let turn = await withCheckedContinuation { continuation in
            let mayLead = state.withLock { state in
                // Between the look above and here the batch may have ended with nobody waiting.
                if state.inFlight < concurrency {
                    state.inFlight += 1
                    return true
                }
                state.waiting.append(Waiter(item: item, continuation: continuation))
                return false
            }
            if mayLead { continuation.resume(returning: .lead) }
        }
        switch turn {
        case .done(let result): return try result.get()
        case .lead: return try await lead(item)
        }
    }

    private func lead(_ item: Item) async throws -> Output {
        // Whoever is about to submit goes first: the batch grows by them. With nobody else this takes no time.
        await Task.yield()
        let followers = state.withLock { state in
            let followers = Array(state.waiting.prefix(batchLimit - 1))
            state.waiting.removeFirst(followers.count)
            return followers
        }
        var results = await outcomes(of: [item] + followers.map(\.item))
        let own = results.removeFirst()
        for (follower, result) in zip(followers, results) { follower.continuation.resume(returning: .done(result)) }
        let next = state.withLock { state -> Waiter? in
            guard !state.waiting.isEmpty else {
                state.inFlight -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.continuation.resume(returning: .lead)
        return try own.get()
    }

    private func outcomes(of items: [Item]) async -> [Result<Output, any Error>] {
        do {
            let results = try await run(items)
            guard results.count == items.count else {
                throw DatabaseError(.misuse, "a batch of \(items.count) gave \(results.count) results")
            }
            return results
        } catch {
            // Trying again one by one helps only when a member was at fault, not the connection or the commit.
            let isMembersFault =
                if let fault = error as? DatabaseError {
                    fault.code == .invalidParameter || fault.sqlState == .lockNotAvailable
                        || (fault.sqlState != nil && !fault.isTransient)
                } else {
                    !(error is CancellationError)
                }
            guard items.count > 1, isMembersFault else { return items.map { _ in .failure(error) } }
            var results: [Result<Output, any Error>] = []
            for item in items {
                do {
                    guard let result = try await run([item]).first else { throw error }
                    results.append(result)
                } catch {
                    results.append(.failure(error))
                }
            }
            return results
        }
    }
}
