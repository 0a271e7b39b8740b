import Synchronization

/// Asks for a comparison at once, when events are known to have been missed; several together count as one.
package final class ReconciliationRequests: Sendable {
    private let isAsked = Atomic(false)

    /// Nothing is asked for yet.
    package init() {}

    /// Has the facts compared within about a second, by the replica that leads, if that is this one. From any thread.
    package func ask() { isAsked.store(true, ordering: .releasing) }

    /// Returns when asked, or after `interval`, or when cancelled. Looks once a second: a comparison is no hurry.
    func wait(upTo interval: Duration) async {
        let end = ContinuousClock.now + interval
        while !Task.isCancelled, ContinuousClock.now < end {
            if isAsked.exchange(false, ordering: .acquiring) { return }
            try? await Task.sleep(until: min(end, .now + .seconds(1)))
        }
    }
}
