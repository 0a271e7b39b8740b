import TestKit
import Testing

@testable import GatewayService

/// What a room's sockets get, whatever order signals, joins and pages come in.
struct RoomFeedTests {
    private typealias Model = RoomFeedModel

    private static let alphabet: [Model.Input] =
        (1...4).map { .signal($0) } + [
            .storeSilently, .joinLatest(1), .joinLate(1), .joinFromStart(1), .leave(1), .joinLatest(2), .joinLate(2),
            .joinFromStart(2), .answerFirst, .answerLast, .failFirst, .tick, .observe,
        ]

    /// What a fail-over adds, with less of the rest.
    private static let failOverAlphabet: [Model.Input] =
        (1...3).map { .signal($0) } + [
            .joinLatest(1), .joinFromStart(1), .joinLate(2), .joinStale(2), .leave(1), .answerFirst, .tick, .observe,
            .askHead, .readHead, .hearHead, .failOver(1), .failOver(2), .signalLost,
        ]

    @Test("Every order of six inputs gives each socket each message once, in order, and in the end all of them")
    func everyOrder() { walk(Self.alphabet, length: 6) }

    @Test("Whatever a fail-over loses, in the end each socket has what the room has, or was sent away to come again")
    func everyFailOver() { walk(Self.failOverAlphabet, length: 6) }

    private func walk(_ alphabet: [Model.Input], length: Int) {
        var layer: [(model: Model, played: [Model.Input])] = [(Model(capacity: 4), [])]
        var seen: Set<[Int]> = []
        for _ in 0..<length {
            var next: [(model: Model, played: [Model.Input])] = []
            for (model, played) in layer {
                for input in alphabet where model.isPossible(input) {
                    var model = model
                    model.play(input)
                    guard seen.insert(model.key).inserted || model.fault != nil else { continue }
                    let played = played + [input]
                    var settled = model
                    settled.settle()
                    if let fault = settled.fault {
                        Issue.record("\(fault) after \(played.map { "\($0)" })")
                        return
                    }
                    next.append((model, played))
                }
            }
            layer = next
        }
        // A change of the model that lets nothing happen any more would pass everything.
        #expect(seen.count > 5000)
    }

    @Test("Long random runs lose, double and reorder nothing", arguments: 1...40)
    func randomRuns(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var model = Model(capacity: 60)
        var played: [Model.Input] = []
        for _ in 0..<300 {
            let near = min(60, max(1, model.stored + Int.random(in: -3...3, using: &generator)))
            let member = Int.random(in: 1...5, using: &generator)
            var inputs: [Model.Input] = [
                .signal(near), .signal(near), .signal(near), .storeSilently, .joinLatest(member), .joinLate(member),
                .joinFromStart(member), .leave(member), .answerFirst, .answerFirst, .answerLast, .failFirst, .tick,
                .urgentTick, .observe, .askHead, .readHead, .hearHead,
            ]
            // Half of the runs are without.
            if seed % 2 == 0, Int.random(in: 0..<60, using: &generator) == 0 {
                inputs = [.failOver(Int.random(in: 1...3, using: &generator)), .signalLost, .joinStale(member)]
            }
            guard let input = inputs.filter(model.isPossible).randomElement(using: &generator) else { continue }
            model.play(input)
            played.append(input)
            if model.fault != nil { break }
        }
        model.settle()
        #expect(model.fault == nil, "after \(played.map { "\($0)" })")
    }

    @Test("A first join with an older position catches up by pages and then gets what is signalled")
    func firstJoinFromStart() {
        var feed = RoomFeed<Int>()
        #expect(words(feed.join(1, cursor: 2, roomHead: 5)) == ["page of 1 after 2"])
        #expect(words(feed.receive(.init(seq: 6, message: 6))) == ["6 to live"])
        let page = (3...6).map { RoomFeed<Int>.Entry(seq: $0, message: $0) }
        #expect(feed.caughtUp(1, after: 2, page).map(words) == ["3 to 1", "4 to 1", "5 to 1", "6 to 1", "1 live"])
        #expect(words(feed.receive(.init(seq: 7, message: 7))) == ["7 to live"])
    }

    @Test("A join answered with more than was signalled waits until the signals have come so far")
    func joinAhead() {
        var feed = RoomFeed<Int>()
        #expect(words(feed.join(1, cursor: 1, roomHead: 1)) == ["1 live"])
        #expect(words(feed.join(2, cursor: 3, roomHead: 3)) == [])
        #expect(words(feed.receive(.init(seq: 2, message: 2))) == ["2 to live"])
        #expect(words(feed.receive(.init(seq: 3, message: 3))) == ["3 to live", "2 live"])
        #expect(words(feed.receive(.init(seq: 4, message: 4))) == ["4 to live"])
    }

    @Test("A gap is asked for at the second tick, and once only until the page has come")
    func gap() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 1, roomHead: 1)
        #expect(words(feed.receive(.init(seq: 3, message: 3))) == [])
        #expect(feed.isBehind)
        #expect(words(feed.tick()) == [])
        #expect(words(feed.tick()) == ["page after 1"])
        #expect(words(feed.tick()) == [])
        let page = [RoomFeed<Int>.Entry(seq: 2, message: 2)]
        #expect(words(feed.fetched(page, hasMore: false)) == ["2 to live", "3 to live"])
        #expect(!feed.isBehind)
    }

    @Test("A page that could not be had is asked for again at the next tick")
    func failedPage() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 0, roomHead: 0)
        _ = feed.observe(head: 2, askedAt: 0)
        #expect(words(feed.tick(isUrgent: true)) == ["page after 0"])
        feed.fetchFailed()
        #expect(words(feed.tick()) == ["page after 0"])
    }

    @Test("More early signals than are kept are fetched afterwards, none is lost")
    func manyEarlySignals() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 0, roomHead: 0)
        for seq in 2...2000 { #expect(feed.receive(.init(seq: seq, message: seq)).isEmpty) }
        var delivered: [Int] = []
        var actions = feed.tick(isUrgent: true)
        while !actions.isEmpty {
            let batch = actions
            actions = []
            for action in batch {
                switch action {
                case .deliver(let seq): delivered.append(seq)
                case .fetch(let after):
                    let page = (after + 1...min(2000, after + 100)).map { RoomFeed<Int>.Entry(seq: $0, message: $0) }
                    actions += feed.fetched(page, hasMore: after + 100 < 2000)
                default: Issue.record("unexpected \(action)")
                }
            }
            if actions.isEmpty { actions = feed.tick(isUrgent: true) }
        }
        #expect(delivered == Array(1...2000))
    }

    @Test("A head below what was known when it was asked for sends everybody away; one that was overtaken does not")
    func headBelow() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 3, roomHead: 3)
        let asked = feed.known
        #expect(words(feed.receive(.init(seq: 4, message: 4))) == ["4 to live"])
        // Looked at before the fourth was stored, heard after it was delivered.
        #expect(words(feed.observe(head: 3, askedAt: asked)) == [])
        #expect(words(feed.observe(head: 3, askedAt: feed.known)) == ["start anew"])
    }

    @Test("A signal of another message under a number that was delivered sends everybody away, a repeat does not")
    func numberGivenAnew() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 1, roomHead: 1, told: [1: 100])
        #expect(words(feed.receive(.init(seq: 2, mark: 200, message: 2))) == ["2 to live"])
        #expect(words(feed.receive(.init(seq: 2, mark: 200, message: 2))) == [])
        // From a chat that does not say which message it is.
        #expect(words(feed.receive(.init(seq: 2, message: 2))) == [])
        #expect(words(feed.receive(.init(seq: 1, mark: 100, message: 1))) == [])
        #expect(words(feed.receive(.init(seq: 2, mark: 201, message: 2))) == ["start anew"])
        var other = RoomFeed<Int>()
        _ = other.join(1, cursor: 1, roomHead: 1, told: [1: 100])
        #expect(words(other.receive(.init(seq: 1, mark: 101, message: 1))) == ["start anew"])
    }

    @Test("A page or a join that names another message under a known number sends everybody away")
    func pageOfAnotherPast() {
        func feed() -> RoomFeed<Int> {
            var feed = RoomFeed<Int>()
            _ = feed.join(1, cursor: 1, roomHead: 1)
            _ = feed.receive(.init(seq: 3, mark: 300, message: 3))
            return feed
        }
        var (paged, joined) = (feed(), feed())
        _ = paged.tick(isUrgent: true)
        let page = [RoomFeed<Int>.Entry(seq: 2, mark: 200, message: 2), .init(seq: 3, mark: 301, message: 3)]
        #expect(words(paged.fetched(page, hasMore: false)) == ["start anew"])
        #expect(words(joined.join(2, cursor: 3, roomHead: 3, told: [3: 301])) == ["start anew"])
    }

    @Test("A socket that joins again while its page is on its way is not given up for the page that comes twice")
    func pageOfEarlierJoin() {
        var feed = RoomFeed<Int>()
        // 1. It joins and asks for a page. 2. It joins again, and asks again. 3. The first page comes. 4. The second.
        #expect(words(feed.join(1, cursor: 1, roomHead: 4)) == ["page of 1 after 1"])
        #expect(words(feed.join(1, cursor: 1, roomHead: 4)) == ["page of 1 after 1"])
        let page = (2...4).map { RoomFeed<Int>.Entry(seq: $0, message: $0) }
        #expect(feed.caughtUp(1, after: 1, page).map(words) == ["2 to 1", "3 to 1", "4 to 1", "1 live"])
        #expect(feed.caughtUp(1, after: 1, page).map(words) == [])
    }

    @Test("A page that brings a lagging socket nothing gives it up")
    func uselessPage() {
        var feed = RoomFeed<Int>()
        _ = feed.join(1, cursor: 0, roomHead: 3)
        #expect(feed.caughtUp(1, after: 0, []) == nil)
    }

    private func words(_ actions: [RoomFeed<Int>.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .deliver(let seq): "\(seq) to live"
            case .deliverTo(let member, let seq): "\(seq) to \(member)"
            case .goLive(let member): "\(member) live"
            case .fetch(let after): "page after \(after)"
            case .catchUp(let member, let after): "page of \(member) after \(after)"
            case .startAnew: "start anew"
            }
        }
    }
}
