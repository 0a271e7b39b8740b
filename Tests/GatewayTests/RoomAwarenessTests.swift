import Contracts
import MemoryTransport
import Messaging
import NIOCore
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// Who is in a room and who types there, as sockets of two gateways are told.
@Suite(.bounded)
struct RoomAwarenessTests {
    private let owner = Caller.regular("Ann")
    private let admin = Caller.admin("Root")
    private let second = Caller.admin("Sue")

    private struct Heard {
        var room: Identifier?
        var names: [String]
        var isTyping: Bool
    }

    private func heard(_ words: [String], _ event: String) -> [Heard] {
        words.compactMap { word in
            guard let json = try? JSONParser.parse(Array(word.utf8)).value, json["event"].string == event else {
                return nil
            }
            var names: [String] = []
            if case .array(let users) = json["data"]["users"] { names = users.compactMap { $0["name"].string } }
            if let name = json["data"]["user"]["name"].string { names = [name] }
            let room = json["data"]["orderId"].string.flatMap { Identifier($0) }
            return Heard(room: room, names: names.sorted(), isTyping: json["data"]["isTyping"].bool ?? false)
        }
    }

    /// Who is in a room by each list that was told, or in any.
    private func lists(_ words: [String], in room: Identifier? = nil) -> [[String]] {
        heard(words, "presence").filter { room == nil || $0.room == room }.map(\.names)
    }

    private func keystrokes(_ words: [String]) -> [String] {
        heard(words, "typing").map { "\($0.names.joined()) \($0.isTyping ? "types" : "stops")" }
    }

    private func type(
        _ socket: TestSocket, _ room: Identifier, _ isTyping: Bool = true, by rooms: RoomHub
    ) async throws {
        try await rooms.type(socket.live, room, isTyping: isTyping, context: context(socket.live.caller))
    }

    // MARK: Presence

    @Test("Who joins is told at once who is there by every gateway, behind the answer to the join")
    func joining() async throws {
        try await TestGateway.with { gateway async throws in
            try await OtherGateway.with(beside: gateway) { other async throws in
                let room = gateway.chat.room(of: owner)
                let there = try await other.socket(owner, in: room)
                try await there.read { lists($0) == [["Ann"]] }
                let here = try await gateway.socket(admin)
                try await gateway.join(here, room)
                let words = try await here.read { lists($0).last == ["Ann", "Root"] }
                #expect(words.first?.hasPrefix(#"{"ack":1"#) == true)
                try await there.read { lists($0) == [["Ann", "Root"]] }
            }
        }
    }

    @Test("300 tabs of one user, at both gateways, cost the others one event when the first comes and one at the end")
    func tabs() async throws {
        try await TestGateway.with { gateway async throws in
            try await OtherGateway.with(beside: gateway) { other async throws in
                let room = gateway.chat.room(of: owner)
                let witnesses = [try await gateway.socket(owner), try await other.socket(owner, in: room)]
                try await gateway.join(witnesses[0], room)
                for witness in witnesses { try await witness.read { lists($0).last == ["Ann"] } }
                var tabs: [TestSocket] = []
                for number in 0..<300 {
                    if number % 2 == 0 {
                        tabs.append(try await other.socket(admin, in: room))
                    } else {
                        let tab = try await gateway.socket(admin)
                        try await gateway.join(tab, room)
                        tabs.append(tab)
                    }
                }
                for witness in witnesses { try await witness.read { lists($0) == [["Ann", "Root"]] } }
                for tab in tabs.dropFirst() { try await tab.vanish() }
                // Whatever the tabs had told would have come before this.
                let last = try await gateway.socket(second)
                try await gateway.join(last, room)
                for witness in witnesses { try await witness.read { lists($0) == [["Ann", "Root", "Sue"]] } }
                try await tabs[0].vanish()
                for witness in witnesses { try await witness.read { lists($0) == [["Ann", "Sue"]] } }
            }
        }
    }

    @Test("Who leaves, and the users of a gateway that stops, are gone")
    func leaving() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let witness = try await gateway.socket(owner)
            try await gateway.join(witness, room)
            var stopped = ContinuousClock.now
            try await OtherGateway.with(beside: gateway) { other async throws in
                let leaving = try await other.socket(admin, in: room)
                _ = try await other.socket(second, in: room)
                try await witness.read { lists($0).last == ["Ann", "Root", "Sue"] }
                await other.rooms.leave(leaving.live, room)
                try await witness.read { lists($0) == [["Ann", "Sue"]] }
                stopped = .now
            }
            try await witness.read { lists($0) == [["Ann"]] }
            // Because it has said so, and not because it is silent.
            #expect(ContinuousClock.now - stopped < GatewayPeers.silence)
        }
    }

    @Test("What changes while a gateway has no link is known as soon as it is back, also of rooms it has left")
    func lostLink() async throws {
        try await TestGateway.with { gateway async throws in
            try await OtherGateway.with(beside: gateway) { other async throws in
                let (left, stayed) = (gateway.chat.room(of: owner), gateway.chat.room(of: owner))
                let witness = try await gateway.socket(owner)
                for room in [left, stayed] { try await gateway.join(witness, room) }
                let leaving = try await other.socket(admin, in: left, stayed)
                let staying = try await other.socket(second, in: stayed)
                try await witness.read { words in
                    lists(words, in: left).last?.count == 2 && lists(words, in: stayed).last?.count == 3
                }
                try await staying.read { lists($0).last?.count == 3 }
                // From here on nobody hears the other gateway, and it nobody.
                other.transport.setLink(up: false)
                try await leaving.vanish()
                await gateway.rooms.leave(witness.live, stayed)
                try await staying.read { lists($0) == [["Ann", "Sue"]] }
                other.transport.setLink(up: true)
                try await witness.read { lists($0) == [["Ann"]] }
                // It has heard nothing of who left meanwhile; what is asked for and not answered counts no more.
                try await staying.read { lists($0) == [["Sue"]] }
            }
        }
    }

    @Test("A new name in a renewed token is told, and asks chat for nothing")
    func renamed() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let (socket, witness) = (try await gateway.socket(owner), try await gateway.socket(admin))
            for each in [socket, witness] { try await gateway.join(each, room) }
            try await witness.read { lists($0).last == ["Ann", "Root"] }
            let joins = gateway.chat.asked.filter { $0.hasPrefix("chat.join") }
            let renamed = Caller(userID: owner.userID, sessionID: owner.sessionID, role: owner.role, name: "Anna")
            try await gateway.signIn(socket, as: renamed)
            try await witness.read { lists($0) == [["Anna", "Root"]] }
            #expect(gateway.chat.asked.filter { $0.hasPrefix("chat.join") } == joins)
        }
    }

    @Test("Signals that cannot be read, or say too much, are passed over and counted")
    func malformed() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let witness = try await gateway.socket(owner)
            try await gateway.join(witness, room)
            let stranger = GatewayID.make()
            let users = (0...RoomPresence.userLimit).map {
                Participant(id: Identifier(high: 1, low: UInt64($0)), name: "U", role: .regular)
            }
            let bad = [
                RoomSignal(kind: .presence, orderID: room, seq: 1, gateway: stranger, data: Array("nonsense".utf8)),
                RoomSignal(kind: .typing, orderID: room, seq: 2, gateway: stranger, data: []),
                RoomSignal(kind: .presence, orderID: room, seq: 3, data: Array("{}".utf8)),
                RoomSignal(
                    kind: .presence, orderID: room, seq: 4, gateway: stranger,
                    data: JSONWriter.encode(PresenceSignal(users: users))),
            ]
            for signal in bad { try gateway.chat.transport.publish(signal.subject, signal.envelope) }
            try await eventually("they are counted") { gateway.rooms.passedOver.value == bad.count }
            let next = try await gateway.socket(admin)
            try await gateway.join(next, room)
            let words = try await witness.read { lists($0).last == ["Ann", "Root"] }
            #expect(lists(words) == [["Ann"], ["Ann", "Root"]])
        }
    }

    // MARK: Typing

    @Test("Who types is told to all but the user's own sockets, at both gateways, and to who comes later")
    func typing() async throws {
        try await TestGateway.with { gateway async throws in
            try await OtherGateway.with(beside: gateway) { other async throws in
                let room = gateway.chat.room(of: owner)
                let (typist, tab) = (try await gateway.socket(owner), try await other.socket(owner, in: room))
                let here = try await gateway.socket(admin)
                for socket in [typist, here] { try await gateway.join(socket, room) }
                let there = try await other.socket(second, in: room)
                for _ in 0..<50 { try await type(typist, room, by: gateway.rooms) }
                for socket in [here, there] { try await socket.read { keystrokes($0) == ["Ann types"] } }
                let late = try await other.socket(admin, in: room)
                try await late.read { keystrokes($0) == ["Ann types"] }
                try await type(typist, room, false, by: gateway.rooms)
                for socket in [here, there, late] { try await socket.read { keystrokes($0) == ["Ann stops"] } }
                // A word of somebody else comes behind what the user's own sockets must not get.
                try await type(here, room, by: gateway.rooms)
                for socket in [typist, tab] { try await socket.read { keystrokes($0) == ["Root types"] } }
                try await here.vanish()
                for socket in [typist, tab, there] {
                    try await socket.read { keystrokes($0).last == "Root stops" }
                }
            }
        }
    }

    @Test("A message ends its sender's typing at every gateway, and the closing everybody's; then nobody may type")
    func messages() async throws {
        try await TestGateway.with { gateway async throws in
            try await OtherGateway.with(beside: gateway) { other async throws in
                let room = gateway.chat.room(of: owner)
                let typist = try await gateway.socket(owner)
                try await gateway.join(typist, room)
                let there = try await other.socket(admin, in: room)
                for _ in 0..<3 {
                    try await type(typist, room, by: gateway.rooms)
                    try await there.read { keystrokes($0) == ["Ann types"] }
                    try gateway.chat.store("done", in: room, by: owner)
                    try await there.read { keystrokes($0) == ["Ann stops"] }
                }
                try await type(typist, room, by: gateway.rooms)
                try await there.read { keystrokes($0) == ["Ann types"] }
                try gateway.chat.close(room, by: admin)
                try await there.read { keystrokes($0) == ["Ann stops"] }
                try await typist.read("roomClosed")
                await #expect(throws: ServiceError(.roomClosed, "The room is closed.")) {
                    try await type(typist, room, by: gateway.rooms)
                }
                try await type(typist, room, false, by: gateway.rooms)
            }
        }
    }

    @Test("Who has not joined may type where chat lets it look, is asked about once, and stops when it is gone")
    func guests() async throws {
        try await TestGateway.with { gateway async throws in
            let (own, others) = (gateway.chat.room(of: owner), gateway.chat.room(of: admin))
            let (guest, witness) = (try await gateway.socket(owner), try await gateway.socket(admin))
            try await gateway.join(witness, own)
            for (room, code) in [(others, ErrorCode.forbidden), (.make(), .notFound)] {
                for isTyping in [true, false] {
                    let refused = await #expect(throws: ServiceError.self) {
                        try await type(guest, room, isTyping, by: gateway.rooms)
                    }
                    #expect(refused?.code == code)
                }
            }
            let before = gateway.chat.asked.filter { $0.hasPrefix("chat.get-room") }.count
            for _ in 0..<20 { try await type(guest, own, by: gateway.rooms) }
            #expect(gateway.chat.asked.filter { $0.hasPrefix("chat.get-room") }.count == before + 1)
            try await witness.read { keystrokes($0) == ["Ann types"] }
            // It is no member, and may not go on as another.
            #expect(await gateway.rooms.members(of: own).count == 1)
            try await gateway.signIn(guest, as: owner.again(session: .make()))
            try await type(guest, own, by: gateway.rooms)
            #expect(gateway.chat.asked.filter { $0.hasPrefix("chat.get-room") }.count == before + 2)
            try await guest.vanish()
            try await witness.read { keystrokes($0) == ["Ann stops"] }
            try gateway.chat.close(own, by: admin)
            let next = try await gateway.socket(owner)
            await gateway.rooms.leave(witness.live, own)
            await #expect(throws: ServiceError(.roomClosed, "The room is closed.")) {
                try await type(next, own, by: gateway.rooms)
            }
        }
    }
}
