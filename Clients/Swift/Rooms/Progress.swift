/// How far a room has come: what is told of it, what was told before, and what is missing. Decides only.
struct Progress {
    /// What becomes of a message that came.
    enum Taken: Equatable {
        case told([RoomEvent])
        /// It was told before, or is before what one wants to know.
        case known
        /// There is something before it that has not come.
        case gap
    }

    private(set) var state: RoomState = .connecting
    private(set) var facts: RoomFacts?
    /// The last message that was told; what is before it does not come again. `nil` before the first join.
    private(set) var lastSeq: Int?
    /// Up to where messages follow that were missed.
    private var target = 0
    /// That the room is closed, until it is told: behind the summary, and once.
    private var closing: RoomClosedNotice?
    private var isClosingTold = false

    /// Whether messages may be sent.
    var isJoined: Bool { state == .live || state == .behind }

    init(after: Int?) { lastSeq = after }

    /// - Returns: what is to be told of it; nothing when nothing changes.
    mutating func move(to state: RoomState, _ problem: Problem? = nil) -> [RoomEvent] {
        guard state != self.state, self.state != .ended else { return [] }
        self.state = state
        return [.state(state, problem)]
    }

    mutating func joined(_ answer: JoinedRoom) -> [RoomEvent] {
        guard state != .ended else { return [] }
        facts = answer.room
        let isResumed = lastSeq != nil
        let last = lastSeq ?? (answer.messages.first?.seq ?? answer.room.lastSeq + 1) - 1
        lastSeq = last
        target = isResumed && answer.hasMore ? answer.room.lastSeq : 0
        var events = move(to: target > last ? .behind : .live)
        for message in answer.messages {
            if case .told(let more) = take(message) { events += more }
        }
        // The event may have come while there was no connection.
        if let notice = answer.room.closing { events += closed(notice) }
        return events
    }

    mutating func closed(_ notice: RoomClosedNotice) -> [RoomEvent] {
        guard state != .ended, !isClosingTold else { return [] }
        closing = notice
        return closingIfDue()
    }

    private mutating func closingIfDue() -> [RoomEvent] {
        guard let notice = closing, let last = lastSeq, last >= notice.seq else { return [] }
        closing = nil
        isClosingTold = true
        return [.closed(notice)]
    }

    mutating func take(_ message: Message) -> Taken {
        guard state != .ended, let last = lastSeq, message.seq > last else { return .known }
        guard message.seq == last + 1 else { return .gap }
        lastSeq = message.seq
        var events = [RoomEvent.message(message)]
        if state == .behind && message.seq >= target { events += move(to: .live) }
        return .told(events + closingIfDue())
    }
}

extension RoomFacts {
    /// What `roomClosed` has said; the summary is the last message.
    fileprivate var closing: RoomClosedNotice? {
        guard !isOpen, let summary, let closedAt, let closedBy else { return nil }
        return RoomClosedNotice(
            orderId: orderId, summary: summary, closedBy: closedBy, closedAt: closedAt, seq: lastSeq)
    }
}
