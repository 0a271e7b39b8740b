/// A line in which each key has a line of its own, and the keys take turns: who stands in a short one is not kept
/// waiting by who stands in a long one.
///
/// It holds at most `limit` elements in all. When it is full, the newest of the longest line makes room for one of a
/// shorter: so no key, and no few of them, can keep the others out.
struct FairLine<Key: Hashable & Sendable, Element: Sendable>: Sendable {
    /// What became of an element that was to be added.
    enum Addition: Sendable {
        case taken
        /// In the place of another one, which is not in the line any more.
        case takenFor(Element)
        /// As many as may wait of this key do.
        case tooManyOfKey
        case full
    }

    private let limit: Int
    private var lines: [Key: [Element]] = [:]
    /// The keys of `lines`, the next one first.
    private var turns: [Key] = []
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// - Parameter keyLimit: how many may wait of this key.
    mutating func add(_ element: Element, of key: Key, atMost keyLimit: Int = .max) -> Addition {
        let own = lines[key]?.count ?? 0
        guard own < keyLimit else { return .tooManyOfKey }
        guard count >= limit else {
            append(element, key)
            return .taken
        }
        guard let longest = turns.max(by: { length($0) < length($1) }), length(longest) > own + 1,
            let dropped = lines[longest]?.popLast()
        else { return .full }
        count -= 1
        append(element, key)
        return .takenFor(dropped)
    }

    mutating func next() -> Element? {
        guard !turns.isEmpty else { return nil }
        let key = turns.removeFirst()
        guard var line = lines.removeValue(forKey: key), !line.isEmpty else { return nil }
        let element = line.removeFirst()
        count -= 1
        if !line.isEmpty {
            lines[key] = line
            turns.append(key)
        }
        return element
    }

    private func length(_ key: Key) -> Int { lines[key]?.count ?? 0 }

    private mutating func append(_ element: Element, _ key: Key) {
        if lines[key] == nil { turns.append(key) }
        lines[key, default: []].append(element)
        count += 1
    }
}
