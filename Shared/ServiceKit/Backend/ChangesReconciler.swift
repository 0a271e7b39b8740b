package import Messaging
import Primitives
import Synchronization

/// Applies a neighbour's list of changes once more: what events told at once, even when NATS has lost them.
///
/// The first comparison goes through all of it; later ones begin ten minutes before where the last one ended, for
/// changes that were being written then.
package final class ChangesReconciler<Change: Sendable>: Sendable {
    private let place: @Sendable (Change) -> ChangePlace
    private let fetch: @Sendable (ChangePlace?) async throws -> (changes: [Change], hasMore: Bool)
    private let apply: @Sendable ([Change]) async throws -> Void
    /// The last change seen by the comparison before.
    private let position = Mutex<ChangePlace?>(nil)

    /// - Parameters:
    ///   - place: where a change stands in the list.
    ///   - fetch: the changes after a place, in their order, and whether there are more.
    ///   - apply: doing it twice changes nothing.
    package init(
        place: @escaping @Sendable (Change) -> ChangePlace,
        fetch: @escaping @Sendable (ChangePlace?) async throws -> (changes: [Change], hasMore: Bool),
        apply: @escaping @Sendable ([Change]) async throws -> Void
    ) {
        self.place = place
        self.fetch = fetch
        self.apply = apply
    }

    /// Fetches and applies page after page until there are no more. One at a time: `Reconciliation` sees to that.
    /// - Throws: what `fetch` and `apply` throw; the next call goes on behind what was applied.
    package func reconcile() async throws {
        var after = position.withLock { $0 }.map { last in
            ChangePlace(at: last.at.advanced(bySeconds: -600), id: Identifier(high: 0, low: 0))
        }
        while true {
            let page = try await fetch(after)
            guard let last = page.changes.last.map(place) else { return }
            try await apply(page.changes)
            after = last
            position.withLock { $0 = last }
            guard page.hasMore else { return }
        }
    }
}
