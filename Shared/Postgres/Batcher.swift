package import Primitives
import Synchronization

/// Does together what arrives while a batch is under way: one transaction for many writes (group commit), one query for
/// many lookups.
///
/// While a batch is in flight, what is submitted waits and goes out as the next batch. There is no timer and no task of
/// its own: the first caller to find no batch in flight leads one, and on its end hands the lead to a caller that
/// waits. Members of a batch keep the order in which they were submitted.
///
/// What happens to a batch that fails as a whole is decided by the kind of failure alone:
/// - a member was at fault (`.work`, or what `run` itself threw): all are run singly, in order, so that one bad member
///   costs only itself;
/// - others held what it needed (`.contention`), and items have keys: members are run by their keys. A key that still
///   cannot be had goes to a lane of its own, with all that is submitted for it, and is tried there until it can be or
///   its members are too late; those of other keys go on;
/// - the outcome is unknown: nothing is ever run again. `settle` looks what became of it, without it all get the error;
/// - anything else: all get the error.
package final class Batcher<Item: Sendable, Output: Sendable>: Sendable {
    /// Runs a batch in one transaction; one result for each item, in order. Throwing means that nothing of it was
    /// committed, but for `.commitOutcomeUnknown`.
    package typealias Run = @Sendable ([Item]) async throws -> [Result<Output, any Error>]
    /// Looks what became of a batch whose outcome is unknown; one result for each item, in order.
    package typealias Settle = @Sendable ([Item], DatabaseError) async throws -> [Result<Output, any Error>]

    private enum Turn: Sendable {
        case done(Result<Output, any Error>)
        /// This caller, whose item is still with it, leads the next batch of its lane.
        case lead(BatchLane)
    }

    private struct Member: Sendable {
        var item: Item
        /// Until when somebody waits for the result; `nil`: for ever.
        var deadline: ContinuousClock.Instant?
    }

    private let state: Mutex<BatchQueue<Waiter>>
    private let key: (@Sendable (Item) -> Identifier)?
    private let settle: Settle?
    private let run: Run

    private struct Waiter: Sendable, BatchQueueElement {
        var member: Member
        var key: Identifier
        var continuation: CheckedContinuation<Turn, Never>
        var deadline: ContinuousClock.Instant? { member.deadline }
    }

    /// - Parameters:
    ///   - batchLimit: largest batch: bounds the transaction and the arrays bound in it.
    ///   - concurrency: batches in flight at once. More than one lets one prepare while another waits for the disk.
    ///   - waitingLimit: callers that may wait; one more is refused.
    ///   - key: what an item needs for itself: the row that it locks. Without it a batch is not divided when others
    ///     hold what it needs.
    package init(
        batchLimit: Int = 128, concurrency: Int = 1, waitingLimit: Int = 4096,
        key: (@Sendable (Item) -> Identifier)? = nil, settle: Settle? = nil, run: @escaping Run
    ) {
        state = Mutex(BatchQueue(batchLimit: batchLimit, concurrency: concurrency, waitingLimit: waitingLimit))
        self.key = key
        self.settle = settle
        self.run = run
    }

    /// Runs `item` in some batch and gives its own result.
    ///
    /// - Parameter deadline: an item that has not had its turn by then is not run.
    /// - Throws: the item's own error; `DatabaseError` `.poolExhausted` when too many wait, `.tooLate` when its turn
    ///   came after `deadline`.
    package func submit(_ item: Item, deadline: ContinuousClock.Instant? = nil) async throws -> Output {
        try await submit(Member(item: item, deadline: deadline), key: key?(item) ?? Self.noKey)
    }

    private static var noKey: Identifier { Identifier(high: 0, low: 0) }
    private static var tooLate: DatabaseError { DatabaseError(.tooLate, "its turn in a batch came after its deadline") }

    private func submit(_ member: Member, key: Identifier) async throws -> Output {
        let turn: Turn
        if let lane = state.withLock({ $0.take(key) }) {
            turn = .lead(lane)
        } else {
            turn = await withCheckedContinuation { continuation in
                // Between the look above and here the batch may have ended with nobody waiting.
                let entry = state.withLock {
                    $0.enter(Waiter(member: member, key: key, continuation: continuation))
                }
                switch entry {
                case .leads(let lane): continuation.resume(returning: .lead(lane))
                case .waits: break
                case .refused:
                    let error = DatabaseError(.poolExhausted, "too many calls wait for a batch")
                    continuation.resume(returning: .done(.failure(error)))
                }
            }
        }
        switch turn {
        case .done(let result): return try result.get()
        case .lead(let lane):
            guard let result = await lead(member, key, in: lane) else { return try await submit(member, key: key) }
            return try result.get()
        }
    }

    /// Runs the next batch of a lane and hands the lead on.
    /// - Returns: the result of the caller's own member; `nil` when that has to wait again, because its key is held by
    ///   others.
    private func lead(_ own: Member, _ key: Identifier, in lane: BatchLane) async -> Result<Output, any Error>? {
        // Whoever is about to submit goes first: the batch grows by them. With nobody else this takes no time.
        await Task.yield()
        let (followers, late) = state.withLock { $0.followers(of: key, in: lane, now: .now) }
        for waiter in late { waiter.continuation.resume(returning: .done(.failure(Self.tooLate))) }
        let isOwnLate = own.deadline.map { $0 <= .now } ?? false
        let members = (isOwnLate ? [] : [own]) + followers.map(\.member)
        var verdicts = members.isEmpty ? [] : await verdicts(on: members)
        let ownVerdict = isOwnLate ? .result(.failure(Self.tooLate)) : verdicts.removeFirst()
        var held: [Waiter] = []
        var heldKeys: Set<Identifier> = []
        for (follower, verdict) in zip(followers, verdicts) {
            switch verdict {
            case .result(let result): follower.continuation.resume(returning: .done(result))
            case .held:
                held.append(follower)
                heldKeys.insert(follower.key)
            }
        }
        if case .held = ownVerdict { heldKeys.insert(key) }
        let next = state.withLock { state in
            state.leave(lane, served: key, held: held, keys: heldKeys)
        }
        for (waiter, lane) in next { waiter.continuation.resume(returning: .lead(lane)) }
        return if case .result(let result) = ownVerdict { result } else { nil }
    }
}

// MARK: What becomes of a batch

extension Batcher {
    private enum Verdict: Sendable {
        case result(Result<Output, any Error>)
        /// Its key is held by others, and there is time to try again.
        case held
    }

    private func verdicts(on members: [Member]) async -> [Verdict] {
        do {
            return try await attempt(members)
        } catch {
            switch kind(of: error) {
            case .work where members.count > 1:
                var verdicts: [Verdict] = []
                for member in members { verdicts += await self.verdicts(on: [member]) }
                return verdicts
            case .contention where key != nil: return await byKey(members, error)
            case .unknownOutcome: return await settled(members, error)
            default: return members.map { _ in .result(.failure(error)) }
            }
        }
    }

    private func attempt(_ members: [Member]) async throws -> [Verdict] {
        let results = try await run(members.map(\.item))
        guard results.count == members.count else {
            throw DatabaseError(.misuse, "a batch of \(members.count) gave \(results.count) results")
        }
        return results.map { .result($0) }
    }

    /// What `run` throws by itself is about its items, as a payload that cannot be read.
    private func kind(of error: any Error) -> DatabaseError.Kind {
        if let error = error as? DatabaseError {
            // A stored value that this program cannot read belongs to some member.
            return error.code == .decoding ? .work : error.kind
        }
        return error is CancellationError ? .program : .work
    }

    /// Runs the members of each key by themselves, so that what others hold costs only those who need it. After two
    /// keys that could not be had the rest is tried in the other lane: the common one must go on.
    private func byKey(_ members: [Member], _ error: any Error) async -> [Verdict] {
        let keys = members.map { key?($0.item) ?? Self.noKey }
        func waiting(_ member: Member) -> Verdict {
            member.deadline.map { $0 > .now } ?? false ? .held : .result(.failure(error))
        }
        guard Set(keys).count > 1 else { return members.map(waiting) }
        var verdicts = [Verdict?](repeating: nil, count: members.count)
        var heldKeys = 0
        for (index, key) in keys.enumerated() where verdicts[index] == nil {
            guard heldKeys < 2 else { break }
            let places = keys.indices.filter { keys[$0] == key }
            let outcome = await self.verdicts(on: places.map { members[$0] })
            if case .held = outcome.first { heldKeys += 1 }
            for (place, verdict) in zip(places, outcome) { verdicts[place] = verdict }
        }
        return zip(members, verdicts).map { $1 ?? waiting($0) }
    }

    private func settled(_ members: [Member], _ error: any Error) async -> [Verdict] {
        guard let settle, let unknown = error as? DatabaseError else {
            return members.map { _ in .result(.failure(error)) }
        }
        do {
            let results = try await settle(members.map(\.item), unknown)
            guard results.count == members.count else { return members.map { _ in .result(.failure(error)) } }
            return results.map { .result($0) }
        } catch {
            // What could not be looked at stays unknown.
            return members.map { _ in .result(.failure(unknown)) }
        }
    }
}
