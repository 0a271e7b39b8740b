import NIOCore
import Primitives
import Synchronization
import Testing

@testable import HTTPServer

struct ConnectionTableTests {
    private let here = IPAddress("192.0.2.1")
    private let there = IPAddress("2001:db8::1")

    private func place(_ admission: ConnectionTable.Admission) throws -> ConnectionTable.Place {
        guard case .admitted(let place) = admission else { throw Unexpected() }
        return place
    }

    private func refusal(_ admission: ConnectionTable.Admission) -> Refusal? {
        if case .refused(let refusal) = admission { refusal } else { nil }
    }

    private struct Unexpected: Error {}

    @Test("An address has so many places, IPv6 by its network; a place that is given up is another's, once")
    func perAddress() throws {
        let table = ConnectionTable(limit: 100, perAddress: 2)
        let first = try place(table.enter(here) {})
        _ = try place(table.enter(IPAddress("::ffff:192.0.2.1")) {})
        #expect(refusal(table.enter(here) {}) == .tooManyConnections)
        table.leave(first)
        table.leave(first)
        _ = try place(table.enter(here) {})
        #expect(refusal(table.enter(here) {}) == .tooManyConnections)
        _ = try place(table.enter(there) {})
        _ = try place(table.enter(IPAddress("2001:db8::ffff")) {})
        #expect(refusal(table.enter(IPAddress("2001:db8:0:0:1::")) {}) == .tooManyConnections)
        _ = try place(table.enter(IPAddress("2001:db8:0:1::")) {})
        #expect(table.count == 5)
        let proxied = ConnectionTable(limit: 100, perAddress: 1) { $0 == IPAddress("192.0.2.1") }
        for _ in 0..<5 { _ = try place(proxied.enter(here) {}) }
    }

    @Test("When all places are taken, whoever has waited longest for its client gives way; whoever is in work stays")
    func givingWay() throws {
        let table = ConnectionTable(limit: 3)
        let gone = Mutex<[Int]>([])
        let places = try (0..<3).map { number in
            try place(table.enter(here) { gone.withLock { $0.append(number) } })
        }
        places[0].isInWork()
        places[1].awaitsClient(since: .uptimeNanoseconds(200))
        places[2].awaitsClient(since: .uptimeNanoseconds(100))
        let fourth = try place(table.enter(there) {})
        // It counts until its connection has ended, and is asked once.
        #expect(gone.withLock { $0 } == [2] && table.count == 4)
        fourth.isInWork()
        places[1].isInWork()
        #expect(refusal(table.enter(there) {}) == .overloaded)
        #expect(gone.withLock { $0 } == [2])
        table.leave(places[2])
        table.leave(places[2])
        #expect(table.count == 3 && refusal(table.enter(there) {}) == .overloaded)
    }

    @Test("Whoever has begun to work when it is asked to give way counts as before: there are never more for long")
    func staying() throws {
        let table = ConnectionTable(limit: 2)
        let first = try place(table.enter(here) {})
        try place(table.enter(here) {}).isInWork()
        // 1. A newcomer is let in, for which the first is to go.
        let third = try place(table.enter(here) {})
        third.isInWork()
        // 2. Its request came meanwhile: it stays, and nobody comes in until two have gone.
        first.isInWork()
        table.keep(first)
        #expect(table.count == 3 && refusal(table.enter(there) {}) == .overloaded)
        table.leave(third)
        #expect(refusal(table.enter(there) {}) == .overloaded)
        table.leave(first)
        _ = try place(table.enter(there) {})
    }

    @Test("So many are told that they are refused; more are not even told")
    func refusals() throws {
        let table = ConnectionTable(limit: 1)
        try place(table.enter(here) {}).isInWork()
        for _ in 0..<ConnectionTable.refusalLimit { #expect(refusal(table.enter(here) {}) == .overloaded) }
        if case .turnedAway = table.enter(here, giveWay: {}) {} else { Issue.record("It is told") }
        table.leaveRefused()
        #expect(refusal(table.enter(here) {}) == .overloaded)
        #expect(table.refusedCount == ConnectionTable.refusalLimit + 2)
    }

    @Test("An address that is told again and again that it asks too often rests twice as long each time, and forgets")
    func resting() throws {
        let table = ConnectionTable(limit: 10) { $0 == IPAddress("198.51.100.1") }
        let first = try place(table.enter(there) {})
        let second = try place(table.enter(IPAddress("2001:db8::2")) {})
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        #expect(table.rest(first, now: start) == .milliseconds(50))
        #expect(table.rest(second, now: start + .milliseconds(1)) == .milliseconds(100))
        for _ in 0..<100 { _ = table.rest(first, now: start + .milliseconds(2)) }
        #expect(table.rest(first, now: start + .seconds(10)) == .seconds(10))
        let other = try place(table.enter(here) {})
        #expect(table.rest(other, now: start) == .milliseconds(50), "Others are not concerned")
        #expect(table.rest(first, now: start + .seconds(21)) == .milliseconds(50))
        let proxy = try place(table.enter(IPAddress("198.51.100.1")) {})
        #expect(table.rest(proxy, now: start) == nil, "Many stand behind it")
    }
}
