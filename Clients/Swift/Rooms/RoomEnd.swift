import Synchronization

/// Whether a room has been left, and why: what remains to be known of it.
final class RoomEnd: Sendable {
    private let reason = Mutex<Problem?>(nil)

    /// `nil` while it has not been left.
    var problem: Problem? { reason.withLock { $0 } }

    func set(_ problem: Problem) { reason.withLock { $0 = $0 ?? problem } }
}
