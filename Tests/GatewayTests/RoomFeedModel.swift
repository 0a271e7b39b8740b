import Testing

@testable import GatewayService

/// A room, the sockets in it and what is on its way, around the feed under test: plays what the services and the
/// network may do, and notes what reaches whom.
struct RoomFeedModel: Sendable {
    /// What can happen next. Messages are told apart by their number alone.
    enum Input: Hashable, Sendable {
        /// The signal of a message comes in; it and those before it are stored by then.
        case signal(Int)
        /// A message is stored, and its signal is lost.
        case storeSilently
        /// A join answered with all there is.
        case joinLatest(Int)
        /// A join answered before the latest message was stored.
        case joinLate(Int)
        /// A join with `after: 0`, whose first page holds one message.
        case joinFromStart(Int)
        case leave(Int)
        /// The page asked for first, or last, comes.
        case answerFirst
        case answerLast
        /// The page asked for first cannot be had.
        case failFirst
        case tick
        case urgentTick
        case observe
    }

    struct Page: Hashable, Sendable {
        /// `nil` for the page of the live members.
        var member: Int?
        var after: Int
    }

    struct Seat: Hashable, Sendable {
        /// The last message this socket has.
        var position: Int
        var isLive = false
    }

    private(set) var feed = RoomFeed<Int>()
    private(set) var stored = 0
    private(set) var seats: [Int: Seat] = [:]
    private(set) var pending: [Page] = []
    /// What went wrong, in words.
    private(set) var fault: String?
    private let pageSize = 2
    private let capacity: Int

    /// - Parameter capacity: messages that may come to exist.
    init(capacity: Int) { self.capacity = capacity }

    func isPossible(_ input: Input) -> Bool {
        switch input {
        case .signal(let seq): seq <= capacity
        case .storeSilently: stored < capacity
        case .joinLatest: true
        case .joinLate, .joinFromStart: stored > 0
        case .leave(let member): seats[member] != nil
        case .answerFirst, .failFirst: !pending.isEmpty
        case .answerLast: pending.count > 1
        case .tick, .urgentTick: true
        case .observe: !seats.isEmpty
        }
    }

    mutating func play(_ input: Input) {
        switch input {
        case .signal(let seq):
            stored = max(stored, seq)
            perform(feed.receive(.init(seq: seq, message: seq)))
        case .storeSilently: stored += 1
        case .joinLatest(let member): join(member, cursor: stored, roomHead: stored)
        case .joinLate(let member): join(member, cursor: stored - 1, roomHead: stored - 1)
        case .joinFromStart(let member): join(member, cursor: 1, roomHead: stored)
        case .leave(let member): leave(member)
        case .answerFirst: answer(pending.removeFirst())
        case .answerLast: answer(pending.removeLast())
        case .failFirst:
            let page = pending.removeFirst()
            // A socket that cannot get what it missed is closed.
            if let member = page.member { leave(member) } else { feed.fetchFailed() }
        case .tick: perform(feed.tick())
        case .urgentTick: perform(feed.tick(isUrgent: true))
        case .observe: feed.observe(head: stored)
        }
    }

    /// Plays what always comes in the end: a look at the head, ticks, and the pages asked for.
    mutating func settle() {
        for _ in 0..<(capacity * 2 + 4) {
            feed.observe(head: stored)
            perform(feed.tick(isUrgent: true))
            while !pending.isEmpty { answer(pending.removeFirst()) }
        }
        for (member, seat) in seats {
            if seat.position != stored { note("socket \(member) is left at \(seat.position) of \(stored)") }
            if !seat.isLive { note("socket \(member) never got live") }
        }
    }

    private mutating func join(_ member: Int, cursor: Int, roomHead: Int) {
        leave(member)
        seats[member] = Seat(position: cursor)
        perform(feed.join(member, cursor: cursor, roomHead: roomHead))
    }

    private mutating func leave(_ member: Int) {
        guard seats.removeValue(forKey: member) != nil else { return }
        feed.leave(member)
        // A room without sockets is forgotten.
        if seats.isEmpty { feed = RoomFeed() }
    }

    private mutating func answer(_ page: Page) {
        let last = min(stored, page.after + pageSize)
        let entries = page.after < last ? (page.after + 1...last).map { RoomFeed<Int>.Entry(seq: $0, message: $0) } : []
        guard let member = page.member else {
            perform(feed.fetched(entries, hasMore: last < stored))
            return
        }
        guard seats[member] != nil else { return }
        if let actions = feed.caughtUp(member, after: page.after, entries) {
            perform(actions)
        } else {
            note("socket \(member) was given up")
        }
    }

    private mutating func perform(_ actions: [RoomFeed<Int>.Action]) {
        for action in actions {
            switch action {
            case .deliver(let seq): for (member, seat) in seats where seat.isLive { deliver(seq, to: member) }
            case .deliverTo(let member, let seq):
                if seats[member]?.isLive ?? true { note("\(seq) goes apart to live or absent socket \(member)") }
                deliver(seq, to: member)
            case .goLive(let member):
                if seats[member]?.isLive ?? true { note("socket \(member) gets live twice or after it has left") }
                seats[member]?.isLive = true
            case .fetch(let after): pending.append(Page(member: nil, after: after))
            case .catchUp(let member, let after):
                if seats[member] == nil { note("a page for absent socket \(member)") }
                pending.append(Page(member: member, after: after))
            }
        }
    }

    private mutating func deliver(_ seq: Int, to member: Int) {
        guard let seat = seats[member] else { return }
        if seq != seat.position + 1 { note("socket \(member) at \(seat.position) gets \(seq)") }
        if seq > stored { note("\(seq) is delivered before it is stored") }
        seats[member]?.position = seq
    }

    private mutating func note(_ text: String) { fault = fault ?? text }
}

extension RoomFeedModel {
    /// Equal for models with the same future, so that what was played once is not played again.
    var key: [Int] {
        var key = [stored, pending.count, seats.count]
        for page in pending { key += [page.member ?? -1, page.after] }
        for (member, seat) in seats.sorted(by: { $0.key < $1.key }) {
            key += [member, seat.position, seat.isLive ? 1 : 0]
        }
        for child in Mirror(reflecting: feed).children {
            switch child.value {
            case let number as Int: key.append(number)
            case let flag as Bool: key.append(flag ? -2 : -3)
            case let numbers as [Int: Int]:
                key.append(-4 - numbers.count)
                for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { key += [name, value] }
            default: key.append(-1)
            }
        }
        return key
    }
}
