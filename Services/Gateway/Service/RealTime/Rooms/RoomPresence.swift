import Contracts
import Primitives

/// Who is in a room: this gateway's own users, and those whom other gateways have announced.
///
/// A pure value; whoever keeps it sends what it says is due. Users count, not sockets: somebody with three tabs is there
/// once, and gone with the last of them. Gateways announce whole lists, numbered, so that a late one changes nothing and
/// a lost one is mended by the next. Changes are gathered, so that what a room costs does not depend on how fast people
/// come and go.
struct RoomPresence {
    typealias Instant = ContinuousClock.Instant

    /// Users of one gateway who are shown, those with the lowest ids.
    static let userLimit = 1000
    /// Other gateways whose lists are kept; those of more are passed over.
    static let gatewayLimit = 256
    /// How long a change waits at least, for others to be told with it.
    static let gathering = Duration.milliseconds(100)
    /// After this time a list is announced again, so that a lost one is mended.
    static let repetition = Duration.seconds(60)
    /// How long a list counts that is not announced again.
    static let lifetime = Duration.seconds(150)

    private struct Own {
        var user: Participant
        /// How many of the user's sockets are in the room.
        var sockets: Int
    }

    private struct List {
        var number: Int
        var users: [Participant]
        var end: Instant
    }

    /// Who of the members is to be told.
    enum Audience: Equatable {
        case all(but: Set<Int>)
        case only(Set<Int>)
    }

    private let gateway: GatewayID
    private var own: [Identifier: Own] = [:]
    private var lists: [GatewayID: List] = [:]

    /// Everybody as merged last, under a number that only the same list has.
    private var current: [Participant] = []
    private var revision = 0
    private var isStale = false
    /// What all members know that are not `informed` otherwise.
    private var told: [Participant] = []
    private var toldRevision = 0
    private var lastRevision = 0
    private var toldAt: Instant?
    /// Members that were told alone since then, as of which revision.
    private var informed: [Int: Int] = [:]
    /// Since when there may be something to tell.
    private var changedAt: Instant?

    private var mustAnnounce = false
    private var mustAsk = false
    private var announcedAt: Instant?
    /// Whether the last list that was announced holds anybody: it must be taken back before the room is forgotten.
    private(set) var isKnownToOthers = false

    init(gateway: GatewayID) { self.gateway = gateway }

    /// Whether nothing becomes due by itself before the next `sweep`.
    var isQuiet: Bool { changedAt == nil && !mustAnnounce }

    // MARK: Own users

    /// A socket of a user is in the room from now on.
    mutating func enter(_ user: Participant, at now: Instant) {
        let sockets = own[user.id]?.sockets ?? 0
        set(user, sockets: sockets + 1, at: now)
    }

    /// A socket of a user is in the room no more.
    mutating func exit(_ user: Identifier, at now: Instant) {
        guard let entry = own[user] else { return }
        if entry.sockets > 1 { return own[user] = Own(user: entry.user, sockets: entry.sockets - 1) }
        own[user] = nil
        ownChanged(at: now)
    }

    /// A user who is in the room has another name from now on.
    mutating func rename(_ user: Participant, at now: Instant) {
        if let entry = own[user.id] { set(user, sockets: entry.sockets, at: now) }
    }

    /// Nobody is in the room by this gateway any more.
    mutating func exitAll(at now: Instant) {
        guard !own.isEmpty else { return }
        own = [:]
        informed = [:]
        ownChanged(at: now)
    }

    private mutating func set(_ user: Participant, sockets: Int, at now: Instant) {
        let isKnown = own[user.id].map { $0.user.isExactly(user) } ?? false
        own[user.id] = Own(user: user, sockets: sockets)
        if !isKnown { ownChanged(at: now) }
    }

    private mutating func ownChanged(at now: Instant) {
        mustAnnounce = true
        changed(at: now)
    }

    private mutating func changed(at now: Instant) {
        isStale = true
        changedAt = changedAt ?? now
    }

    private var ownUsers: [Participant] {
        Array(own.values.map(\.user).sorted { $0.id < $1.id }.prefix(Self.userLimit))
    }

    // MARK: Other gateways

    /// What another gateway has announced, and asked for.
    /// - Returns: false for what is too much; it is passed over.
    mutating func take(_ signal: PresenceSignal, from gateway: GatewayID, number: Int, at now: Instant) -> Bool {
        if signal.asks, !own.isEmpty { mustAnnounce = true }
        guard let users = signal.users else { return true }
        let known = lists[gateway]
        guard users.count <= Self.userLimit, known != nil || lists.count < Self.gatewayLimit else { return false }
        guard number > known?.number ?? 0 else { return true }
        lists[gateway] = List(number: number, users: users, end: now + Self.lifetime)
        if !users.isExactly(known?.users ?? []) { changed(at: now) }
        return true
    }

    /// A gateway is gone, and its users with it.
    /// - Returns: whether it had announced anybody.
    @discardableResult
    mutating func forget(_ gateway: GatewayID, at now: Instant) -> Bool {
        guard let list = lists.removeValue(forKey: gateway), !list.users.isEmpty else { return false }
        changed(at: now)
        return true
    }

    /// What is known may be old, as after a loss of the link: it is announced and asked for anew, and what is not
    /// announced again until `end` counts no more.
    mutating func doubt(until end: Instant) {
        mustAnnounce = true
        mustAsk = true
        lists = lists.mapValues { List(number: $0.number, users: $0.users, end: min($0.end, end)) }
    }

    /// Forgets lists that were not repeated, and has the own one repeated when it is time. To be called about every
    /// second.
    mutating func sweep(at now: Instant) {
        for (gateway, list) in lists where list.end <= now { forget(gateway, at: now) }
        if let announcedAt, !own.isEmpty, now - announcedAt >= Self.repetition { mustAnnounce = true }
    }

    /// What is to be announced now; it counts as done. The larger the list, the longer the next one waits.
    mutating func announcement(at now: Instant) -> PresenceSignal? {
        guard mustAnnounce else { return nil }
        let pause = max(Self.gathering, .milliseconds(min(own.count, Self.userLimit)))
        if let announcedAt, now < announcedAt + pause { return nil }
        let users = ownUsers
        defer { (mustAnnounce, mustAsk, announcedAt, isKnownToOthers) = (false, false, now, !users.isEmpty) }
        return PresenceSignal(users: users, asks: mustAsk)
    }

    // MARK: Members

    /// Everybody in the room, each once and by id, for a member that is told alone: who has just come.
    mutating func inform(_ member: Int) -> [Participant] {
        merge()
        informed[member] = revision == toldRevision ? nil : revision
        return current
    }

    /// What members are to be told now; it counts as done.
    /// - Parameter count: of the members.
    mutating func telling(at now: Instant, members count: Int) -> (users: [Participant], audience: Audience)? {
        guard let changedAt, now >= changedAt + Self.gathering else { return nil }
        if let toldAt, now < toldAt + Self.pause(members: count, users: current.count) { return nil }
        merge()
        let informed = self.informed
        (self.changedAt, self.informed) = (nil, [:])
        let upToDate = Set(informed.filter { $0.value == revision }.keys)
        let others = Set(informed.keys).subtracting(upToDate)
        let isNews = revision != toldRevision
        guard isNews || !others.isEmpty else { return nil }
        (told, toldRevision, toldAt) = (current, revision, now)
        return (current, isNews ? .all(but: upToDate) : .only(others))
    }

    /// How long the next telling waits after one: as many names in a second as a room may cost, however many members
    /// and users there are.
    static func pause(members: Int, users: Int) -> Duration {
        min(max(gathering, .milliseconds(members * users / namesPerMillisecond)), .seconds(10))
    }

    private static let namesPerMillisecond = 250

    /// Whoever is known to several gateways under different names is shown as the one with the lowest id has it, which
    /// is the same at each.
    private mutating func merge() {
        guard isStale else { return }
        isStale = false
        var sources = lists.mapValues(\.users)
        sources[gateway] = ownUsers
        var all: [Identifier: Participant] = [:]
        for (_, users) in sources.sorted(by: { $0.key > $1.key }) {
            for user in users { all[user.id] = user }
        }
        let merged = all.values.sorted { $0.id < $1.id }
        guard !merged.isExactly(current) else { return }
        current = merged
        if merged.isExactly(told) {
            revision = toldRevision
        } else {
            lastRevision += 1
            revision = lastRevision
        }
    }
}

extension Participant {
    /// The same to the code point.
    fileprivate func isExactly(_ other: Participant) -> Bool {
        id == other.id && role == other.role && name.isExactly(other.name)
    }
}

extension [Participant] {
    fileprivate func isExactly(_ other: [Participant]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.isExactly($1) }
    }
}
