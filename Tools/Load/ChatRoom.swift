/// One room's readers and how far they are.
final class ChatRoom {
    var readers: [SocketClient] = []
    /// The room's last number before this run.
    private(set) var base = 0
    /// Messages of this run.
    var sent = 0
    /// How many readers have a message, by its number; a ring larger than what can be under way.
    private var counts = [Int](repeating: 0, count: 1024)
    private var senderIndex: Int?

    func begin() {
        base = readers.map(\.lastSeq).max() ?? 0
        for reader in readers { reader.lastSeq = base }
        senderIndex = readers.first { $0.plan.isSender }?.index
    }

    /// Counts a delivery.
    /// - Returns: whether now everybody has that message.
    func count(_ seq: Int) -> Bool {
        counts[seq & 1023] += 1
        guard counts[seq & 1023] == readers.count else { return false }
        counts[seq & 1023] = 0
        return true
    }

    func sender(among all: [ChatSender?]) -> ChatSender? { senderIndex.flatMap { all[$0] } }

    /// Messages of this run that everybody has: readers get them in their order.
    var complete: Int { (readers.map(\.lastSeq).min() ?? base) - base }

    var isSettled: Bool { complete == sent }

    /// Messages that somebody still lacks.
    var missing: Int { sent - complete }
}
