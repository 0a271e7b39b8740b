/// What one gateway delivers of one room: every message once, in order, to every socket from its join on.
///
/// A pure state machine: inputs are signals that come in any order or not at all, fetched pages, joins and ticks; each
/// returns what is to be done. `head` is the last message delivered to those who are up to date ("live"). A member
/// whose position lies behind it catches up by pages of its own; one whose position lies ahead (its join reply was
/// newer than the signals) waits until the head has come to it.
struct RoomFeed<Message: Sendable> {
    typealias Member = Int

    struct Entry: Sendable {
        var seq: Int
        /// Tells the message from another that has, or had, its number; `nil` when that is not known.
        var mark: MessageMarks.Mark?
        var message: Message

        init(seq: Int, mark: MessageMarks.Mark? = nil, message: Message) {
            self.seq = seq
            self.mark = mark
            self.message = message
        }
    }

    enum Action {
        /// To every live member.
        case deliver(Message)
        /// To one member that is catching up.
        case deliverTo(Member, Message)
        /// From now on live: it gets what `deliver` says.
        case goLive(Member)
        /// Ask for the messages after `after`, for the live members.
        case fetch(after: Int)
        /// Ask for the messages after `after`, for one member.
        case catchUp(Member, after: Int)
        /// Messages that were committed are gone, as after a fail-over of the database, and their numbers are given
        /// anew: what was delivered is no beginning of the room any more. Every member must leave and come again, and
        /// this feed is of no more use.
        case startAnew
    }

    /// Signals kept that cannot be delivered yet; those beyond are fetched later.
    private static var earlyLimit: Int { 512 }

    /// `nil` until the first join has told how far the room is.
    private(set) var head: Int?
    private var early: [Int: Message] = [:]
    /// The furthest message known to exist: what the owner says when asked from now on is not less.
    private(set) var known = 0
    private var marks = MessageMarks()
    private var ahead: [Member: Int] = [:]
    private var lagging: [Member: Int] = [:]
    private var isFetching = false
    /// Whether it was behind at the last tick too: signals out of order come right within one.
    private var wasBehind = false

    init() {}

    /// Whether messages are known to exist that have not been delivered.
    var isBehind: Bool { head.map { $0 < known } ?? false }

    /// A message that was signalled.
    mutating func receive(_ entry: Entry) -> [Action] {
        guard marks.agree(entry.seq, entry.mark) else { return [.startAnew] }
        guard entry.seq > head ?? 0 else { return [] }
        known = max(known, entry.seq)
        if early.count < Self.earlyLimit || entry.seq == (head ?? 0) + 1 { early[entry.seq] = entry.message }
        return advance()
    }

    /// A member whose join was answered up to `cursor`, when the room was at `roomHead`. Its answer must be written
    /// before these actions.
    /// - Parameter told: the marks of messages that the answer names, by their numbers.
    mutating func join(
        _ member: Member, cursor: Int, roomHead: Int, told: [Int: MessageMarks.Mark] = [:]
    ) -> [Action] {
        leave(member)
        guard told.allSatisfy({ marks.agree($0.key, $0.value) }) else { return [.startAnew] }
        known = max(known, roomHead, cursor)
        // The first member: nobody waits for what came before, so the room's own head is where delivery begins.
        if head == nil { head = max(roomHead, cursor) }
        var actions = place(member, at: cursor)
        actions += advance()
        return actions
    }

    mutating func leave(_ member: Member) {
        ahead[member] = nil
        lagging[member] = nil
    }

    /// The last message that a member has.
    func position(of member: Member) -> Int { lagging[member] ?? ahead[member] ?? head ?? 0 }

    /// How far the room is by the owner's word.
    /// - Parameter known: what was known when the owner was asked: an answer may have been overtaken by messages since.
    mutating func observe(head: Int, askedAt known: Int) -> [Action] {
        guard head >= known else { return [.startAnew] }
        self.known = max(self.known, head)
        return []
    }

    /// Asks for what is still missing since the tick before. `isUrgent` asks at once: after the link was lost nothing
    /// is on its way.
    mutating func tick(isUrgent: Bool = false) -> [Action] {
        guard isBehind, let head else {
            wasBehind = false
            return []
        }
        defer { wasBehind = true }
        guard wasBehind || isUrgent, !isFetching else { return [] }
        isFetching = true
        return [.fetch(after: head)]
    }

    /// The page that `fetch` asked for, ascending.
    mutating func fetched(_ page: [Entry], hasMore: Bool) -> [Action] {
        isFetching = false
        for entry in page where entry.seq > head ?? 0 {
            guard marks.agree(entry.seq, entry.mark) else { return [.startAnew] }
            known = max(known, entry.seq)
            early[entry.seq] = entry.message
        }
        var actions = advance()
        if hasMore, let head, !page.isEmpty {
            isFetching = true
            actions.append(.fetch(after: head))
        }
        return actions
    }

    /// The page could not be had; the next tick asks again.
    mutating func fetchFailed() { isFetching = false }

    /// The page that `catchUp` asked for after `after`, ascending. An empty one from a room that is further counts as a
    /// failure: the caller drops the member. One that an earlier join of the same member asked for is passed over.
    /// - Returns: `nil` when the member cannot be helped.
    mutating func caughtUp(_ member: Member, after: Int, _ page: [Entry]) -> [Action]? {
        // Joining again while a page is on its way leaves two of them: only the one for where the member is now counts.
        guard var cursor = lagging[member], cursor == after else { return [] }
        lagging[member] = nil
        var actions: [Action] = []
        for entry in page where entry.seq == cursor + 1 {
            guard marks.agree(entry.seq, entry.mark) else { return [.startAnew] }
            cursor = entry.seq
            actions.append(.deliverTo(member, entry.message))
        }
        guard !actions.isEmpty else { return nil }
        known = max(known, cursor)
        return actions + place(member, at: cursor)
    }

    private mutating func place(_ member: Member, at cursor: Int) -> [Action] {
        let head = head ?? cursor
        if cursor == head { return [.goLive(member)] }
        if cursor > head {
            ahead[member] = cursor
            return []
        }
        lagging[member] = cursor
        return [.catchUp(member, after: cursor)]
    }

    /// Delivers what follows the head without a gap.
    private mutating func advance() -> [Action] {
        guard var current = head else { return [] }
        var actions: [Action] = []
        while let message = early.removeValue(forKey: current + 1) {
            current += 1
            head = current
            actions.append(.deliver(message))
            for (member, cursor) in ahead where cursor == current {
                ahead[member] = nil
                actions.append(.goLive(member))
            }
        }
        if early.contains(where: { $0.key <= current }) { early = early.filter { $0.key > current } }
        return actions
    }
}
