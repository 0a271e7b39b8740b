/// Which messages the highest numbers of a room stand for: a number that stands for another message than before was
/// given anew, because the database has lost the one before.
///
/// A few are enough: numbers are given in their order, so whoever counts past what was lost comes by the highest of
/// them.
struct MessageMarks: Sendable {
    /// As good as unique; half of a message's id.
    typealias Mark = UInt64

    private static let places = 16

    /// By the number modulo their count; empty until there is one to be kept.
    private(set) var kept: [(seq: Int, mark: Mark)] = []

    /// Keeps what `seq` stands for.
    /// - Returns: false when it is known to have stood for another message.
    mutating func agree(_ seq: Int, _ mark: Mark?) -> Bool {
        guard let mark, seq > 0 else { return true }
        if kept.isEmpty { kept = Array(repeating: (0, 0), count: Self.places) }
        let place = seq % Self.places
        if kept[place].seq == seq { return kept[place].mark == mark }
        if kept[place].seq < seq { kept[place] = (seq, mark) }
        return true
    }
}
