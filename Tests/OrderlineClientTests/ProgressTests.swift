import Foundation
import Testing

@testable import OrderlineClient

/// What is told of a room, whatever comes in whatever order.
struct ProgressTests {
    private let person = Participant(id: "o", name: "Olga", role: .regular)

    private func message(_ seq: Int) -> Message {
        Message(
            id: "\(seq)", orderId: "r", seq: seq, kind: .text, sender: person, content: "", clientMessageId: nil,
            createdAt: .distantPast)
    }

    private func facts(lastSeq: Int, isOpen: Bool = true) -> RoomFacts {
        RoomFacts(
            orderId: "r", owner: Person(id: "o", name: "Olga"), isOpen: isOpen, summary: isOpen ? nil : "Agreed",
            closedAt: isOpen ? nil : .distantPast, closedBy: isOpen ? nil : person, lastSeq: lastSeq, unread: 0,
            lastMessage: nil, createdAt: .distantPast)
    }

    private func answer(_ seqs: ClosedRange<Int>?, lastSeq: Int, hasMore: Bool = false, isOpen: Bool = true)
        -> JoinedRoom
    {
        JoinedRoom(
            room: facts(lastSeq: lastSeq, isOpen: isOpen), messages: seqs.map { $0.map(message) } ?? [],
            hasMore: hasMore)
    }

    private func told(_ seqs: Int...) -> [RoomEvent] { seqs.map { .message(message($0)) } }

    @Test("A first join tells the newest messages, and what follows them")
    func first() {
        var room = Progress(after: nil)
        #expect(room.joined(answer(8...9, lastSeq: 9, hasMore: true)) == [.state(.live, nil)] + told(8, 9))
        #expect(room.take(message(10)) == .told(told(10)))
    }

    @Test("In an empty room the first message is told")
    func empty() {
        var room = Progress(after: nil)
        #expect(room.joined(answer(nil, lastSeq: 0)) == [.state(.live, nil)])
        #expect(room.take(message(1)) == .told(told(1)))
    }

    @Test("What comes twice is told once, and what has a gap before it is not told")
    func repeats() {
        var room = Progress(after: 0)
        _ = room.joined(answer(1...2, lastSeq: 2))
        #expect(room.take(message(2)) == .known)
        #expect(room.take(message(4)) == .gap)
        #expect(room.lastSeq == 2)
        // The join that follows brings both.
        #expect(room.joined(answer(3...4, lastSeq: 4)) == told(3, 4))
        #expect(room.take(message(4)) == .known)
    }

    @Test("It is behind until the last message that was missed has been told")
    func behind() {
        var room = Progress(after: 0)
        #expect(room.joined(answer(1...2, lastSeq: 4, hasMore: true)) == [.state(.behind, nil)] + told(1, 2))
        #expect(room.take(message(3)) == .told(told(3)))
        #expect(room.take(message(4)) == .told(told(4) + [.state(.live, nil)]))
    }

    @Test("A room that was closed while there was no connection tells it once, behind its summary")
    func closing() throws {
        var room = Progress(after: 0)
        let events = room.joined(answer(1...2, lastSeq: 3, hasMore: true, isOpen: false))
        #expect(events == [.state(.behind, nil)] + told(1, 2))
        guard case .told(let last) = room.take(message(3)), case .closed(let notice) = last.last else {
            Issue.record("not told")
            return
        }
        #expect(notice.seq == 3 && notice.summary == "Agreed")
        #expect(room.closed(notice).isEmpty)
        #expect(room.joined(answer(nil, lastSeq: 3, isOpen: false)).isEmpty)
    }

    @Test("Nothing is told of a room that was left")
    func left() {
        var room = Progress(after: 0)
        #expect(room.move(to: .ended) == [.state(.ended, nil)])
        #expect(room.joined(answer(1...1, lastSeq: 1)).isEmpty)
        #expect(room.take(message(1)) == .known)
        #expect(room.move(to: .offline).isEmpty)
    }
}
