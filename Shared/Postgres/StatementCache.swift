/// Which statements a connection has prepared, by their text: 256 at most, the least recently used giving way.
///
/// Only knows; sending `PREPARE` and `DEALLOCATE` is the connection's part, which says here what the server confirmed.
struct StatementCache {
    static let bound = 256

    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var named: UInt64 = 0
    /// Statements the server still has but that are no longer to be used.
    private(set) var stale: [String] = []

    var count: Int { entries.count }

    /// The name `text` is prepared under.
    mutating func name(of text: String) -> String? {
        uses += 1
        guard let index = entries.index(forKey: text) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name this connection never used before.
    mutating func makeName() -> String {
        named += 1
        return "s\(named)"
    }

    /// The texts to deallocate before `additions` more are prepared.
    func victims(before additions: Int) -> [String] {
        let excess = entries.count + additions - StatementCache.bound
        guard excess > 0 else { return [] }
        guard excess > 1 else { return entries.min { $0.value.lastUse < $1.value.lastUse }.map { [$0.key] } ?? [] }
        return entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(excess).map(\.key)
    }

    /// The server prepared `text`.
    mutating func insert(_ text: String, name: String) { entries[text] = Entry(name: name, lastUse: uses) }

    /// The server deallocated the statement.
    mutating func remove(name: String) {
        stale.removeAll { $0 == name }
        if let text = entries.first(where: { $0.value.name == name })?.key { entries[text] = nil }
    }

    /// The server no longer runs `text` as it was prepared.
    mutating func invalidate(_ text: String) {
        guard let entry = entries.removeValue(forKey: text) else { return }
        stale.append(entry.name)
    }

    /// The server does not have a statement it had: then somebody threw away all of them (DISCARD ALL, DEALLOCATE ALL).
    mutating func removeAll() {
        entries = [:]
        stale = []
    }
}
