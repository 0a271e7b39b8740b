import Contracts
import Messaging
import Primitives
import TestKit

@testable import GatewayService

/// Three gateways with a room each, a network that loses and disorders, and what every socket has been told.
struct RoomPresenceModel {
    private struct Socket {
        var user: Participant
        var knows: [Participant]
        /// Whether it came after the last telling: then it may hear twice of the same.
        var isFresh = true
    }

    private struct Gateway {
        var id = GatewayID.make()
        var presence: RoomPresence
        var sockets: [Int: Socket] = [:]
        var number = 0

        init() { presence = RoomPresence(gateway: id) }
    }

    private struct Letter {
        var signal: PresenceSignal
        var sender: GatewayID
        var number: Int
        var recipient: GatewayID
    }

    private var now: ContinuousClock.Instant
    private var gateways = (0..<3).map { _ in Gateway() }
    private var letters: [Letter] = []
    private var lastSocket = 0
    private(set) var faults: [String] = []

    init(start: ContinuousClock.Instant) { now = start }

    mutating func step(using generator: inout SeededGenerator) {
        now += .milliseconds(Int.random(in: 0...80, using: &generator))
        let place = Int.random(in: 0..<gateways.count, using: &generator)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<5: join(place, Self.user(Int.random(in: 1...4, using: &generator)))
        case 5..<9:
            if let socket = gateways[place].sockets.keys.sorted().randomElement(using: &generator) {
                leave(place, socket)
            }
        case 9..<13: tick(place)
        case 13..<17: if let index = letters.indices.randomElement(using: &generator) { deliver(index) }
        case 17: if let index = letters.indices.randomElement(using: &generator) { letters.remove(at: index) }
        case 18: gateways[place].presence.doubt(until: now + .seconds(10))
        default: kill(place)
        }
    }

    /// What comes in the end: doubt once, and answers that are not lost.
    mutating func settle() {
        for place in gateways.indices { gateways[place].presence.doubt(until: now + .seconds(10)) }
        for _ in 0..<150 {
            now += .milliseconds(100)
            for place in gateways.indices {
                gateways[place].presence.sweep(at: now)
                tick(place)
            }
            while !letters.isEmpty { deliver(0) }
        }
        let users = gateways.flatMap { $0.sockets.values.map(\.user) }
        let expected = Set(users.map(\.id)).sorted()
        for gateway in gateways {
            for (id, socket) in gateway.sockets where socket.knows.map(\.id) != expected {
                faults.append("socket \(id) knows \(socket.knows.map(\.name)), there is \(users.map(\.name))")
            }
        }
    }

    private static func user(_ number: Int) -> Participant {
        Participant(id: Identifier(high: 0, low: UInt64(number)), name: "U\(number)", role: .regular)
    }

    private mutating func join(_ place: Int, _ user: Participant) {
        if gateways[place].sockets.isEmpty { send(PresenceSignal(users: nil, asks: true), from: place) }
        lastSocket += 1
        gateways[place].presence.enter(user, at: now)
        let told = gateways[place].presence.inform(lastSocket)
        if !told.contains(user) { faults.append("\(user.name) is not told of itself") }
        gateways[place].sockets[lastSocket] = Socket(user: user, knows: told)
    }

    private mutating func leave(_ place: Int, _ id: Int) {
        guard let socket = gateways[place].sockets.removeValue(forKey: id) else { return }
        gateways[place].presence.exit(socket.user.id, at: now)
    }

    /// The process is gone, and another takes its place; the others have noticed.
    private mutating func kill(_ place: Int) {
        let gone = gateways[place].id
        gateways[place] = Gateway()
        letters.removeAll { $0.recipient == gone || $0.sender == gone }
        for other in gateways.indices { gateways[other].presence.forget(gone, at: now) }
    }

    private mutating func tick(_ place: Int) {
        if let announcement = gateways[place].presence.announcement(at: now) { send(announcement, from: place) }
        let count = gateways[place].sockets.count
        guard let (users, audience) = gateways[place].presence.telling(at: now, members: count) else { return }
        for (id, socket) in gateways[place].sockets {
            let isMeant =
                switch audience {
                case .all(let but): !but.contains(id)
                case .only(let members): members.contains(id)
                }
            if isMeant, !socket.isFresh, socket.knows == users { faults.append("socket \(id) is told the same again") }
            gateways[place].sockets[id]?.isFresh = false
            if isMeant { gateways[place].sockets[id]?.knows = users }
        }
    }

    private mutating func send(_ signal: PresenceSignal, from place: Int) {
        gateways[place].number += 1
        let sender = gateways[place]
        for other in gateways where other.id != sender.id {
            letters.append(Letter(signal: signal, sender: sender.id, number: sender.number, recipient: other.id))
        }
    }

    private mutating func deliver(_ index: Int) {
        let letter = letters.remove(at: index)
        guard let place = gateways.firstIndex(where: { $0.id == letter.recipient }) else { return }
        _ = gateways[place].presence.take(letter.signal, from: letter.sender, number: letter.number, at: now)
    }
}
