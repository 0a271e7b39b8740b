import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// Who types in a room, and how little of it is told.
struct RoomTypingTests {
    private static let start = ContinuousClock.now
    private let start = Self.start
    private let ann = Self.user(1)
    private let other = GatewayID.make()

    private static func user(_ number: Int) -> Participant {
        Participant(id: Identifier(high: 0, low: UInt64(number)), name: "U\(number)", role: .regular)
    }

    private func signal(_ user: Participant, _ isTyping: Bool) -> TypingSignal {
        TypingSignal(user: user, isTyping: isTyping)
    }

    @Test("200 keystrokes in ten seconds are one start and one end to members, and a few signals to other gateways")
    func keystrokes() {
        var typing = RoomTyping()
        var (signals, news): ([TypingSignal], [TypingSignal]) = ([], [])
        for step in 0..<200 {
            let now = start + .milliseconds(50 * step)
            typing.type(1, of: ann, at: now)
            let changes = typing.tick(at: now)
            signals += changes.signals
            news += changes.news
        }
        #expect(news == [signal(ann, true)])
        #expect(signals == Array(repeating: signal(ann, true), count: 4))
        let last = start + .milliseconds(50 * 199)
        // The keystrokes after the last signal are told of once more.
        #expect(typing.tick(at: last + .milliseconds(5999)) == RoomTyping.Changes(signals: [signal(ann, true)]))
        let end = typing.tick(at: last + RoomTyping.silence)
        #expect(end == RoomTyping.Changes(signals: [signal(ann, false)], news: [signal(ann, false)]))
        #expect(typing.isQuiet)
    }

    @Test("A stop, and a message, end it at once; what begins and ends between two ticks is told to nobody")
    func stops() {
        var typing = RoomTyping()
        typing.type(1, of: ann, at: start)
        typing.stop(1, of: ann.id)
        #expect(typing.tick(at: start) == RoomTyping.Changes())
        typing.type(1, of: ann, at: start)
        _ = typing.tick(at: start)
        typing.stop(ann.id)
        #expect(typing.hasOwn)
        let end = typing.tick(at: start)
        #expect(end == RoomTyping.Changes(signals: [signal(ann, false)], news: [signal(ann, false)]))
        #expect(typing.isQuiet && !typing.hasOwn)
    }

    @Test("Who types on right after a message is told to the other gateways again, which have taken it as stopped")
    func typingOn() {
        var typing = RoomTyping()
        typing.type(1, of: ann, at: start)
        _ = typing.tick(at: start)
        typing.stop(ann.id)
        typing.type(1, of: ann, at: start + .milliseconds(10))
        #expect(typing.tick(at: start + .milliseconds(50)).signals == [signal(ann, true)])
    }

    @Test("Two tabs type as one: it ends with the last of them")
    func tabs() {
        var typing = RoomTyping()
        typing.type(1, of: ann, at: start)
        typing.type(2, of: ann, at: start + .seconds(1))
        #expect(typing.tick(at: start + .seconds(1)).news == [signal(ann, true)])
        typing.stop(2, of: ann.id)
        #expect(typing.tick(at: start + .seconds(2)).news == [])
        #expect(typing.isTyping(1, of: ann.id) && !typing.isTyping(2, of: ann.id))
        #expect(typing.tick(at: start + .seconds(6)).news == [signal(ann, false)])
    }

    @Test("Another gateway's word counts for nine seconds; late ones count nothing")
    func far() {
        var typing = RoomTyping()
        #expect(typing.take(signal(ann, true), from: other, number: 3, at: start) == true)
        #expect(typing.tick(at: start).news == [signal(ann, true)])
        #expect(typing.take(signal(ann, false), from: other, number: 2, at: start) == true)
        #expect(typing.tick(at: start + .milliseconds(8999)).news == [])
        #expect(typing.tick(at: start + .seconds(9)).news == [signal(ann, false)])
        #expect(typing.take(signal(ann, true), from: other, number: 3, at: start + .seconds(10)) == true)
        #expect(typing.tick(at: start + .seconds(10)) == RoomTyping.Changes())
        #expect(typing.isQuiet)
    }

    @Test("Who types by two gateways stops with the last of them, and with a gateway that is gone")
    func twoGateways() {
        var typing = RoomTyping()
        typing.type(1, of: ann, at: start)
        _ = typing.take(signal(ann, true), from: other, number: 1, at: start)
        #expect(typing.tick(at: start).news == [signal(ann, true)])
        typing.stop(1, of: ann.id)
        let changes = typing.tick(at: start)
        #expect(changes.news == [] && changes.signals == [signal(ann, false)])
        typing.forget(other)
        #expect(typing.tick(at: start).news == [signal(ann, false)])
    }

    @Test("More typers than are told are passed over")
    func bounds() {
        var typing = RoomTyping()
        for number in 0...RoomTyping.ownLimit { typing.type(1, of: Self.user(number), at: start) }
        for socket in 0..<100 { typing.type(socket, of: Self.user(0), at: start) }
        #expect((0..<100).filter { typing.isTyping($0, of: Self.user(0).id) }.count == RoomTyping.socketLimit)
        #expect(typing.tick(at: start).signals.count == RoomTyping.ownLimit)
        for number in 0..<RoomTyping.farLimit {
            let start = signal(Self.user(1000 + number), true)
            #expect(typing.take(start, from: other, number: number + 1, at: self.start) == true)
        }
        #expect(typing.take(signal(Self.user(5000), true), from: other, number: 5000, at: start) == false)
        #expect(typing.users.count == RoomTyping.ownLimit)
        for _ in 1..<RoomTyping.gatewayLimit {
            _ = typing.take(signal(ann, false), from: .make(), number: 1, at: start)
        }
        #expect(typing.take(signal(ann, false), from: .make(), number: 1, at: start) == false)
    }

    @Test("Members know who types, whatever comes: told in turns, and as two simple models of gateways say", .seeded)
    func chance() {
        var generator = SeededGenerator()
        for _ in 0..<40 {
            var here = RoomTyping()
            var there = RoomTyping()
            var now = start
            // What the model knows: the last keystroke of each socket here, and who was told to be typing where.
            var keystrokes: [Int: (user: Participant, at: ContinuousClock.Instant)] = [:]
            var (known, farKnown): (Set<Identifier>, Set<Identifier>) = ([], [])
            var number = 0
            for _ in 0..<300 {
                now += .milliseconds(Int.random(in: 0...700, using: &generator))
                let socket = Int.random(in: 0..<4, using: &generator)
                let user = Self.user(socket / 2)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    here.type(socket, of: user, at: now)
                    keystrokes[socket] = (user, now)
                case 1 where Bool.random(using: &generator):
                    here.stop(socket, of: user.id)
                    keystrokes[socket] = nil
                default: break
                }
                keystrokes = keystrokes.filter { now - $0.value.at < RoomTyping.silence }
                let changes = here.tick(at: now)
                apply(changes.news, to: &known)
                for signal in changes.signals {
                    number += 1
                    #expect(there.take(signal, from: other, number: number, at: now) == true)
                }
                apply(there.tick(at: now).news, to: &farKnown)
                let expected = Set(keystrokes.values.map(\.user.id))
                #expect(known == expected)
                // No signal is lost, and one repeated in time never lapses.
                #expect(farKnown == expected)
                guard known == expected, farKnown == expected else { return }
            }
        }
    }

    private func apply(_ news: [TypingSignal], to known: inout Set<Identifier>) {
        for each in news {
            let isNew = each.isTyping ? known.insert(each.user.id).inserted : known.remove(each.user.id) != nil
            #expect(isNew, "told twice")
        }
    }
}
