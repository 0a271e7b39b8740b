import Testing

@testable import GatewayService

/// A room, the sockets in it and what is on its way, around the feed under test: plays what the services and the
/// network may do, and notes what reaches whom.
struct RoomFeedModel: Sendable {
    /// What can happen next. A message is its mark: numbers may be given anew.
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
        /// The head is asked for; the database looks at it; the answer of the first look comes.
        case askHead
        case readHead
        case hearHead
        /// The database comes back without as many of the last messages.
        case failOver(Int)
        /// The signal of the message that was lost last comes late.
        case signalLost
        /// A join whose answer was made before messages were lost comes after it.
        case joinStale(Int)
    }

    struct Page: Hashable, Sendable {
        /// Which of the feeds that there were asks.
        var feed: Int
        /// `nil` for the page of the live members.
        var member: Int?
        var after: Int
    }

    struct Question: Hashable, Sendable {
        var feed: Int
        var known: Int
        /// What the database has said, once it has.
        var head: Int?
    }

    struct Seat: Hashable, Sendable {
        /// The messages this socket has, from the room's first.
        var has: [Int]
        var isLive = false

        var position: Int { has.count }
    }

    private(set) var feed = RoomFeed<Int>()
    private var feedNumber = 0
    private(set) var log: [Int] = []
    private var made = 0
    /// The room as it was before the last fail-over; empty when there was none.
    private(set) var before: [Int] = []
    private var failOvers = 0
    /// Which feed there was at the last fail-over, and when the last message was stored.
    private var feedOfFailOver = 0
    private var feedOfLast = 0
    /// The highest number that was ever given.
    private var highest = 0
    private(set) var questions: [Question] = []
    private(set) var seats: [Int: Seat] = [:]
    private(set) var pending: [Page] = []
    /// What went wrong, in words.
    private(set) var fault: String?
    private let pageSize = 2
    private let capacity: Int

    /// - Parameter capacity: messages that may come to exist.
    init(capacity: Int) { self.capacity = capacity }

    var stored: Int { log.count }

    func isPossible(_ input: Input) -> Bool {
        switch input {
        // The signals of numbers given anew are not lost: who loses them too may take new messages for old ones.
        case .signal(let seq): seq <= capacity && (seq <= stored + 1 || stored >= highest)
        case .storeSilently: stored < capacity && stored >= highest
        case .joinLatest: true
        case .joinFromStart: stored > 0
        // Who waits for the answer to a join has left before and keeps the feed; if that begins anew meanwhile, the
        // join is asked again.
        case .joinLate(let member):
            stored > 0 && (failOvers == 0 || feedOfLast == feedNumber && Set(seats.keys) != [member])
        case .leave(let member): seats[member] != nil
        case .answerFirst, .failFirst: !pending.isEmpty
        case .answerLast: pending.count > 1
        case .tick, .urgentTick: true
        case .observe: !seats.isEmpty
        case .askHead: !seats.isEmpty && questions.count < 2
        case .readHead: questions.contains { $0.head == nil }
        case .hearHead: questions.contains { $0.head != nil }
        case .failOver(let count): count <= stored && failOvers < 2
        case .signalLost: before.count > stored
        case .joinStale(let member): !before.isEmpty && feedOfFailOver == feedNumber && Set(seats.keys) != [member]
        }
    }

    mutating func play(_ input: Input) {
        switch input {
        case .signal(let seq):
            while stored < seq { store() }
            perform(feed.receive(.init(seq: seq, mark: mark(log[seq - 1]), message: log[seq - 1])))
        case .storeSilently: store()
        case .joinLatest(let member): join(member, log[...])
        case .joinLate(let member): join(member, log.dropLast())
        case .joinFromStart(let member): join(member, log.prefix(1), roomHead: log[...])
        case .joinStale(let member): join(member, before[...])
        case .askHead: questions.append(Question(feed: feedNumber, known: feed.known))
        case .readHead:
            if let first = questions.firstIndex(where: { $0.head == nil }) { questions[first].head = stored }
        case .hearHead: hearHead()
        case .failOver(let count):
            before = log
            log.removeLast(count)
            failOvers += 1
            feedOfFailOver = feedNumber
        case .signalLost:
            if let lost = before.last {
                perform(feed.receive(.init(seq: before.count, mark: mark(lost), message: lost)))
            }
        case .leave(let member): leave(member)
        case .answerFirst: answer(pending.removeFirst())
        case .answerLast: answer(pending.removeLast())
        case .failFirst:
            let page = pending.removeFirst()
            // A socket that cannot get what it missed is closed.
            if let member = page.member { leave(member) } else { feed.fetchFailed() }
        case .tick: perform(feed.tick())
        case .urgentTick: perform(feed.tick(isUrgent: true))
        case .observe: perform(feed.observe(head: stored, askedAt: feed.known))
        }
    }

    /// Plays what always comes in the end: a look at the head, ticks, and the pages asked for.
    mutating func settle() {
        for _ in 0..<(capacity * 2 + 4) {
            perform(feed.observe(head: stored, askedAt: feed.known))
            perform(feed.tick(isUrgent: true))
            while !pending.isEmpty { answer(pending.removeFirst()) }
        }
        for (member, seat) in seats {
            if seat.position != stored { note("socket \(member) is left at \(seat.position) of \(stored)") }
            if seat.has != log { note("socket \(member) has \(seat.has) of \(log)") }
            if !seat.isLive { note("socket \(member) never got live") }
        }
    }

    private func mark(_ message: Int) -> MessageMarks.Mark { MessageMarks.Mark(message) }

    private mutating func store() {
        made += 1
        log.append(made)
        feedOfLast = feedNumber
        highest = max(highest, stored)
    }

    /// A join answered with all messages of `page`, and those before, when the room was as `roomHead` or as the page.
    private mutating func join(_ member: Int, _ page: ArraySlice<Int>, roomHead: ArraySlice<Int>? = nil) {
        leave(member)
        seats[member] = Seat(has: Array(page))
        let room = roomHead ?? page
        var told: [Int: MessageMarks.Mark] = [:]
        if let last = room.last { told[room.count] = mark(last) }
        perform(feed.join(member, cursor: page.count, roomHead: room.count, told: told))
    }

    private mutating func leave(_ member: Int) {
        guard seats.removeValue(forKey: member) != nil else { return }
        feed.leave(member)
        // A room without sockets is forgotten.
        if seats.isEmpty { forget() }
    }

    private mutating func forget() {
        seats = [:]
        feed = RoomFeed()
        feedNumber += 1
    }

    private mutating func hearHead() {
        guard let first = questions.firstIndex(where: { $0.head != nil }) else { return }
        let question = questions.remove(at: first)
        guard let head = question.head, question.feed == feedNumber else { return }
        perform(feed.observe(head: head, askedAt: question.known))
    }

    private mutating func answer(_ page: Page) {
        guard page.feed == feedNumber else { return }
        let last = min(stored, page.after + pageSize)
        let entries =
            page.after < last
            ? (page.after + 1...last).map {
                RoomFeed<Int>.Entry(seq: $0, mark: mark(log[$0 - 1]), message: log[$0 - 1])
            } : []
        guard let member = page.member else {
            perform(feed.fetched(entries, hasMore: last < stored))
            return
        }
        guard seats[member] != nil else { return }
        if let actions = feed.caughtUp(member, after: page.after, entries) {
            perform(actions)
        } else {
            if failOvers == 0 { note("socket \(member) was given up") }
            leave(member)
        }
    }

    private mutating func perform(_ actions: [RoomFeed<Int>.Action]) {
        for action in actions {
            switch action {
            case .deliver(let message): for (member, seat) in seats where seat.isLive { deliver(message, to: member) }
            case .deliverTo(let member, let message):
                if seats[member]?.isLive ?? true { note("\(message) goes apart to live or absent socket \(member)") }
                deliver(message, to: member)
            case .goLive(let member):
                if seats[member]?.isLive ?? true { note("socket \(member) gets live twice or after it has left") }
                seats[member]?.isLive = true
            case .fetch(let after): pending.append(Page(feed: feedNumber, member: nil, after: after))
            case .catchUp(let member, let after):
                if seats[member] == nil { note("a page for absent socket \(member)") }
                pending.append(Page(feed: feedNumber, member: member, after: after))
            case .startAnew:
                if failOvers == 0 { note("the sockets are sent away though nothing was lost") }
                return forget()
            }
        }
    }

    private mutating func deliver(_ message: Int, to member: Int) {
        guard let seat = seats[member] else { return }
        // Numbers tell nothing after a fail-over; what a socket has is compared in the end.
        if failOvers == 0, message != seat.position + 1 {
            note("socket \(member) at \(seat.position) gets \(message)")
        }
        if failOvers == 0, message > stored { note("\(message) is delivered before it is stored") }
        seats[member]?.has.append(message)
    }

    private mutating func note(_ text: String) { fault = fault ?? text }
}

extension RoomFeedModel {
    /// Equal for models with the same future, so that what was played once is not played again.
    var key: [Int] {
        var key = [stored, pending.count, seats.count, questions.count, before.count, failOvers, highest]
        key += [feedOfFailOver - feedNumber, feedOfLast - feedNumber] + log + before
        for page in pending { key += [page.feed - feedNumber, page.member ?? -1, page.after] }
        for question in questions { key += [question.feed - feedNumber, question.known, question.head ?? -1] }
        for (member, seat) in seats.sorted(by: { $0.key < $1.key }) {
            key += [member, seat.position, seat.isLive ? 1 : 0] + seat.has
        }
        for child in Mirror(reflecting: feed).children {
            switch child.value {
            case let number as Int: key.append(number)
            case let flag as Bool: key.append(flag ? -2 : -3)
            case let numbers as [Int: Int]:
                key.append(-4 - numbers.count)
                for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { key += [name, value] }
            case let marks as MessageMarks: for kept in marks.kept { key += [kept.seq, Int(kept.mark)] }
            default: key.append(-1)
            }
        }
        return key
    }
}
