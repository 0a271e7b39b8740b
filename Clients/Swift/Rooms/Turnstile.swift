import Synchronization

/// Lets those who come do something one at a time, in the order in which they have come; so many may wait.
final class Turnstile: Sendable {
    /// A place in the line; give it back with `leave`.
    struct Place: Sendable {
        fileprivate let number: Int
        fileprivate let opened: AsyncStream<Never>

        /// Returns when those before are gone.
        /// - Throws: `CancellationError`.
        func turn() async throws {
            for await _ in opened {}
            try Task.checkCancellation()
        }
    }

    private struct Line {
        var places: [(number: Int, open: AsyncStream<Never>.Continuation)] = []
        var last = 0
    }

    private let line = Mutex(Line())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes the place behind all others.
    /// - Throws: `outbox-full`.
    func enter() throws(Problem) -> Place {
        let place = line.withLock { line -> Place? in
            guard line.places.count < limit else { return nil }
            let (opened, open) = AsyncStream.makeStream(of: Never.self)
            line.last += 1
            line.places.append((line.last, open))
            if line.places.count == 1 { open.finish() }
            return Place(number: line.last, opened: opened)
        }
        guard let place else { throw Problem(.outboxFull, "Too much waits to be sent.") }
        return place
    }

    func leave(_ place: Place) {
        line.withLock { line in
            line.places.removeAll { $0.number == place.number }
            line.places.first?.open.finish()
        }
    }
}
