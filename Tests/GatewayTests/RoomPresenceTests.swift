import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// Who is in a room, whatever gateways announce, lose or forget.
struct RoomPresenceTests {
    private static let start = ContinuousClock.now
    private let start = Self.start
    private let first = GatewayID.make()
    private let second = GatewayID.make()

    private func user(_ name: String, _ number: UInt64 = 1, _ role: Role = .regular) -> Participant {
        Participant(id: Identifier(high: 0, low: number), name: name, role: role)
    }

    /// A room whose news are told and announced.
    private func settled(_ users: [Participant], at now: ContinuousClock.Instant) -> RoomPresence {
        var presence = RoomPresence(gateway: first)
        for user in users { presence.enter(user, at: now) }
        _ = presence.announcement(at: now)
        _ = presence.telling(at: now + RoomPresence.gathering, members: users.count)
        return presence
    }

    // MARK: Own users

    @Test("Somebody with three tabs is there once, and gone with the last of them")
    func tabs() {
        let ann = user("Ann")
        var presence = settled([ann], at: start)
        let later = start + .seconds(1)
        for _ in 0..<2 { presence.enter(ann, at: later) }
        #expect(presence.isQuiet && presence.users == [ann])
        for _ in 0..<2 { presence.exit(ann.id, at: later) }
        #expect(presence.isQuiet && presence.users == [ann])
        presence.exit(ann.id, at: later)
        #expect(presence.announcement(at: later) == PresenceSignal(users: []))
        let telling = presence.telling(at: later + RoomPresence.gathering, members: 1)
        #expect(telling?.users == [] && telling?.audience == .all(but: []))
        #expect(presence.isQuiet && !presence.isKnownToOthers)
    }

    @Test("Who goes and comes back before it is told has not been away")
    func flicker() {
        let (ann, ben) = (user("Ann", 1), user("Ben", 2))
        var presence = settled([ann, ben], at: start)
        let later = start + .seconds(1)
        presence.exit(ben.id, at: later)
        presence.enter(ben, at: later + .milliseconds(20))
        #expect(presence.telling(at: later + RoomPresence.gathering, members: 2) == nil)
        #expect(presence.announcement(at: later + RoomPresence.gathering)?.users == [ann, ben])
        #expect(presence.isQuiet)
    }

    @Test("Changes are gathered for 100 ms, and for longer the larger the room is")
    func gathering() {
        var presence = settled([user("Ann", 1)], at: start)
        let later = start + .seconds(1)
        for number in 2...5 { presence.enter(user("U\(number)", UInt64(number)), at: later) }
        #expect(presence.telling(at: later + .milliseconds(99), members: 5) == nil)
        #expect(presence.telling(at: later + .milliseconds(100), members: 5)?.users.count == 5)
        #expect(RoomPresence.pause(members: 10, users: 10) == .milliseconds(100))
        #expect(RoomPresence.pause(members: 1000, users: 1000) == .seconds(4))
        #expect(RoomPresence.pause(members: 1_000_000, users: 1000) == .seconds(10))
    }

    @Test("A member that was told when it came is not told again, unless something has changed since")
    func informed() {
        let (ann, ben, cid) = (user("Ann", 1), user("Ben", 2), user("Cid", 3))
        var presence = settled([ann], at: start)
        let later = start + .seconds(1)
        presence.enter(ben, at: later)
        #expect(presence.inform(12) == [ann, ben])
        let telling = presence.telling(at: later + .milliseconds(100), members: 2)
        #expect(telling?.audience == .all(but: [12]) && telling?.users == [ann, ben])
        // One who was told of somebody who has gone again meanwhile is told, though for the others nothing is new.
        let last = later + .seconds(1)
        presence.enter(cid, at: last)
        #expect(presence.inform(13) == [ann, ben, cid])
        presence.exit(cid.id, at: last)
        let correction = presence.telling(at: last + .milliseconds(100), members: 3)
        #expect(correction?.audience == .only([13]) && correction?.users == [ann, ben])
    }

    @Test("999 more tabs of somebody who is there are no news to anybody")
    func manyTabs() {
        let ann = user("Ann")
        var presence = settled([ann], at: start)
        for socket in 0..<999 {
            presence.enter(ann, at: start + .seconds(1))
            #expect(presence.inform(socket) == [ann])
        }
        #expect(presence.isQuiet)
    }

    @Test("A new name or role is told and announced; one that differs in its normalisation only is another one")
    func names() {
        var presence = settled([user("Zo\u{eb}")], at: start)
        let later = start + .seconds(1)
        let others = [user("Zoe\u{308}"), user("Zoe\u{308}", 1, .admin)]
        for (step, renamed) in others.enumerated() {
            let moment = later + .seconds(step)
            presence.rename(renamed, at: moment)
            #expect(presence.announcement(at: moment)?.users?.first?.role == renamed.role)
            let told = presence.telling(at: moment + .milliseconds(100), members: 1)
            #expect(told?.users.first?.name.unicodeScalars.count == 4)
        }
        presence.rename(user("Nobody", 7), at: later + .seconds(9))
        #expect(presence.isQuiet)
    }

    @Test("Of more users than are shown, the same ones are announced and told")
    func limit() {
        var presence = RoomPresence(gateway: first)
        for number in 0...UInt64(RoomPresence.userLimit) { presence.enter(user("U", number), at: start) }
        let announced = presence.announcement(at: start)?.users
        #expect(announced?.count == RoomPresence.userLimit)
        #expect(presence.users == announced)
    }

    // MARK: Other gateways

    @Test("A late list changes nothing, a later one takes the place of the one before")
    func numbers() {
        let (ann, ben) = (user("Ann", 1), user("Ben", 2))
        var presence = RoomPresence(gateway: first)
        #expect(presence.take(PresenceSignal(users: [ann]), from: second, number: 5, at: start) == true)
        #expect(presence.take(PresenceSignal(users: [ben]), from: second, number: 4, at: start) == true)
        #expect(presence.users == [ann])
        #expect(presence.take(PresenceSignal(users: [ben]), from: second, number: 6, at: start) == true)
        #expect(presence.users == [ben])
        #expect(presence.take(PresenceSignal(users: []), from: second, number: 7, at: start) == true)
        #expect(presence.take(PresenceSignal(users: [ann]), from: second, number: 6, at: start) == true)
        #expect(presence.users == [])
    }

    @Test("Who asks is answered with the whole list, and one who only asks changes nothing")
    func asking() {
        let ann = user("Ann", 1)
        var presence = settled([ann], at: start)
        let later = start + .seconds(1)
        #expect(presence.take(PresenceSignal(users: nil, asks: true), from: second, number: 1, at: later) == true)
        #expect(presence.announcement(at: later) == PresenceSignal(users: [ann]))
        // Many who ask are answered once.
        #expect(presence.take(PresenceSignal(users: nil, asks: true), from: .make(), number: 1, at: later) == true)
        #expect(presence.announcement(at: later + .milliseconds(99)) == nil)
        #expect(presence.announcement(at: later + .milliseconds(100)) == PresenceSignal(users: [ann]))
        #expect(presence.announcement(at: later + .seconds(1)) == nil)
        // Nobody is here: there is nothing to answer.
        var empty = RoomPresence(gateway: first)
        #expect(empty.take(PresenceSignal(users: nil, asks: true), from: second, number: 1, at: later) == true)
        #expect(empty.isQuiet)
    }

    @Test("A list is repeated after a minute, and one that is not repeated is forgotten")
    func repetition() {
        let (ann, ben) = (user("Ann", 1), user("Ben", 2))
        var presence = settled([ann], at: start)
        _ = presence.take(PresenceSignal(users: [ben]), from: second, number: 1, at: start)
        _ = presence.telling(at: start + .seconds(1), members: 1)
        presence.sweep(at: start + .seconds(59))
        #expect(presence.announcement(at: start + .seconds(59)) == nil)
        presence.sweep(at: start + .seconds(60))
        #expect(presence.announcement(at: start + .seconds(60))?.users == [ann])
        presence.sweep(at: start + RoomPresence.lifetime)
        #expect(presence.telling(at: start + RoomPresence.lifetime + .milliseconds(100), members: 1)?.users == [ann])
    }

    @Test("After a loss of the link everything is announced and asked for, and only what is answered stays")
    func doubt() {
        let (ann, ben, cid) = (user("Ann", 1), user("Ben", 2), user("Cid", 3))
        let third = GatewayID.make()
        var presence = settled([ann], at: start)
        _ = presence.take(PresenceSignal(users: [ben]), from: second, number: 1, at: start)
        _ = presence.take(PresenceSignal(users: [cid]), from: third, number: 1, at: start)
        let later = start + .seconds(1)
        presence.doubt(until: later + .seconds(10))
        #expect(presence.announcement(at: later) == PresenceSignal(users: [ann], asks: true))
        _ = presence.take(PresenceSignal(users: [cid]), from: third, number: 2, at: later)
        presence.sweep(at: later + .seconds(9))
        #expect(presence.users == [ann, ben, cid])
        presence.sweep(at: later + .seconds(10))
        #expect(presence.users == [ann, cid])
    }

    @Test("Somebody known under two names is shown alike at both gateways")
    func twoNames() {
        let (old, new) = (user("Ann"), user("Anna"))
        var (one, other) = (RoomPresence(gateway: first), RoomPresence(gateway: second))
        one.enter(old, at: start)
        other.enter(new, at: start)
        _ = one.take(PresenceSignal(users: [new]), from: second, number: 1, at: start)
        _ = other.take(PresenceSignal(users: [old]), from: first, number: 1, at: start)
        #expect(one.users == other.users && one.users.count == 1)
    }

    @Test("Lists that are too long, and those of too many gateways, are passed over")
    func bounds() {
        var presence = RoomPresence(gateway: first)
        let users = (0...UInt64(RoomPresence.userLimit)).map { user("U", $0) }
        #expect(presence.take(PresenceSignal(users: users), from: second, number: 1, at: start) == false)
        for _ in 0..<RoomPresence.gatewayLimit {
            #expect(presence.take(PresenceSignal(users: []), from: .make(), number: 1, at: start) == true)
        }
        #expect(presence.take(PresenceSignal(users: []), from: second, number: 1, at: start) == false)
        #expect(presence.users == [])
    }

    // MARK: Chance

    @Test("Whatever is lost, late or killed, in the end everybody in the room knows who is there", .seeded)
    func chance() {
        var generator = SeededGenerator()
        for _ in 0..<60 {
            var model = RoomPresenceModel(start: Self.start)
            for _ in 0..<200 { model.step(using: &generator) }
            model.settle()
            #expect(model.faults == [])
            if !model.faults.isEmpty { return }
        }
    }
}

extension RoomPresence {
    /// Everybody in the room, as somebody who came now would be told.
    fileprivate var users: [Participant] {
        var copy = self
        return copy.inform(0)
    }
}
