import Contracts
import Messaging
import NIOCore
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

/// What sockets get of rooms when those who are in them, or what they may do, change.
@Suite(.bounded)
struct RoomHubTests {
    private let owner = Caller.regular()
    private let admin = Caller.admin()

    private func contents(_ words: [String]) -> [String] {
        words.compactMap { word in
            guard let json = try? JSONParser.parse(Array(word.utf8)).value, json["event"].string == "newMessage"
            else { return nil }
            return json["data"]["content"].string
        }
    }

    // MARK: Rights

    @Test("An Admin who signs in again as a Regular user gets no message of another's room any more, and is told")
    func demoted() async throws {
        try await TestGateway.with { gateway async throws in
            let (theirs, own) = (gateway.chat.room(of: owner), gateway.chat.room(of: admin))
            let (socket, witness) = (try await gateway.socket(admin), try await gateway.socket(owner))
            for room in [theirs, own] { try await gateway.join(socket, room) }
            try await gateway.join(witness, theirs)
            try gateway.chat.store("before", in: theirs, by: owner)
            try await socket.read { contents($0) == ["before"] }
            try await gateway.signIn(socket, as: admin.again(.regular, session: .make()))
            try gateway.chat.store("secret", in: theirs, by: owner)
            try await witness.read { contents($0).contains("secret") }
            try gateway.chat.store("own", in: own, by: admin)
            let came = try await socket.read { contents($0).contains("own") }
            #expect(contents(came) == ["own"])
            let refusals = came.filter { $0.contains(#""event":"error""#) }
            #expect(refusals.count == 1 && refusals[0].contains("\(theirs)") && refusals[0].contains("forbidden"))
            #expect(await gateway.rooms.members(of: theirs).map(\.id) == [witness.live.id])
        }
    }

    @Test("What a socket is sent as an Admin follows its role, both ways")
    func adminsGroup() async throws {
        try await TestGateway.with { gateway async throws in
            let socket = try await gateway.socket(admin)
            func gets(_ name: String) async throws -> Bool {
                gateway.hub.registry.sendToAdmins(ServerEvent(.orderCreated, data: Array(#""\#(name)""#.utf8)))
                return try await socket.read().contains { $0.contains(name) }
            }
            #expect(try await gets("one"))
            try await gateway.signIn(socket, as: admin.again(.regular))
            #expect(try await !gets("two"))
            #expect(!gateway.hub.registry.hasAdmins)
            try await gateway.signIn(socket, as: admin.again(.admin))
            #expect(try await gets("three"))
        }
    }

    @Test(
        "A socket that changes its caller and may stay misses nothing that was sent meanwhile, and gets nothing twice",
        arguments: [(Role.admin, false), (.regular, true), (.admin, true)])
    func staying(role: Role, hasNewSession: Bool) async throws {
        try await TestGateway.with { gateway async throws in
            let person = owner.again(role == .admin ? .regular : .admin)
            let room = gateway.chat.room(of: person)
            let socket = try await gateway.socket(person)
            try await gateway.join(socket, room)
            for round in 0..<5 {
                try gateway.chat.store("\(round) before", in: room, by: person)
                let next = person.again(round % 2 == 0 ? role : nil, session: hasNewSession ? .make() : nil)
                let places = try await gateway.hub.signIn(socket.live, gateway.verified(next))
                // Told while the socket is in no room.
                for part in 0..<150 { try gateway.chat.store("\(round) \(part)", in: room, by: person) }
                await gateway.rooms.resume(
                    socket.live, places, context: CallContext(caller: next, requestID: "test"))
                try gateway.chat.store("\(round) after", in: room, by: person)
            }
            let expected = gateway.chat.state.withLock { $0.messages[room] ?? [] }.map(\.content)
            let came = contents(try await socket.read { contents($0).count >= expected.count })
            #expect(came == expected)
        }
    }

    @Test("A renewal by the same session and role asks nobody")
    func renewal() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let socket = try await gateway.socket(owner)
            try await gateway.join(socket, room)
            let before = gateway.chat.asked.filter { $0 != "chat.heads by nobody" }
            try await gateway.signIn(socket, as: owner)
            #expect(gateway.chat.asked.filter { $0 != "chat.heads by nobody" } == before)
            #expect(await gateway.rooms.members(of: room).count == 1)
        }
    }

    @Test("When nobody can say whether a socket may stay it is closed, to come again")
    func rightsUnknown() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let socket = try await gateway.socket(admin)
            try await gateway.join(socket, room)
            gateway.chat.state.withLock { $0.isAway = true }
            try await gateway.signIn(socket, as: admin.again(.regular))
            try gateway.chat.store("secret", in: room, by: owner)
            let came = try await socket.read { $0.contains("close 1012") }
            #expect(contents(came).isEmpty)
        }
    }

    @Test("Another user's token is refused and changes nothing; one whose session has ended closes the socket")
    func otherUser() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let socket = try await gateway.socket(owner)
            try await gateway.join(socket, room)
            await #expect(throws: ServiceError.self) { try await gateway.signIn(socket, as: admin) }
            #expect(socket.live.caller == owner)
            #expect(await gateway.rooms.members(of: room).count == 1)
            let next = owner.again(session: .make())
            gateway.revocations.end(session: next.sessionID)
            await #expect(throws: ServiceError.self) { try await gateway.signIn(socket, as: next) }
            try gateway.chat.store("late", in: room, by: owner)
            let came = try await socket.read { $0.contains("close 4401") }
            #expect(contents(came).isEmpty)
        }
    }

    // MARK: Lost commits

    @Test("A room that went back sends its sockets away, by its head or by a number given anew; other rooms stay")
    func lostCommits() async throws {
        try await TestGateway.with { gateway async throws in
            let (byHead, byNumber, other) = (
                gateway.chat.room(of: owner), gateway.chat.room(of: owner), gateway.chat.room(of: owner)
            )
            var sockets: [TestSocket] = []
            for room in [byHead, byNumber, other] {
                let socket = try await gateway.socket(owner)
                try await gateway.join(socket, room)
                for number in 1...3 { try gateway.chat.store("old \(number)", in: room, by: owner) }
                try await socket.read { contents($0).count == 3 }
                sockets.append(socket)
            }
            gateway.chat.lose(1, in: byHead)
            gateway.chat.lose(1, in: byNumber)
            for number in 3...5 { try gateway.chat.store("new \(number)", in: byNumber, by: owner) }
            for (socket, room) in zip(sockets.prefix(2), [byHead, byNumber]) {
                try await eventually("they are told to go") { await gateway.rooms.members(of: room).isEmpty }
                await socket.advance(by: .seconds(1))
                let came = try await socket.read { $0.last == "close 1012" }
                #expect(contents(came).isEmpty)
            }
            try gateway.chat.store("here", in: other, by: owner)
            try await sockets[2].read { contents($0) == ["here"] }
            #expect(!sockets[2].live.isClosed)
            // Whoever comes again gets what has the numbers now.
            let again = try await gateway.socket(owner)
            try await gateway.join(again, byHead, after: 3)
            try gateway.chat.store("new 3", in: byHead, by: owner)
            try await again.read { contents($0) == ["new 3"] }
        }
    }

    // MARK: Gaps

    @Test("A gap in a room is closed whoever is in it: a member who is refused by now does not keep it open for others")
    func gapWithRefusedMember() async throws {
        try await TestGateway.with { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let (admins, witness) = (
                try await (0..<8).asyncMap { _ in try await gateway.socket(admin) }, try await gateway.socket(owner)
            )
            for socket in admins + [witness] { try await gateway.join(socket, room) }
            // Their tokens say so before anybody has looked at the rooms.
            for socket in admins { socket.live.belong(to: gateway.verified(admin.again(.regular))) }
            try gateway.chat.store("lost on its way", in: room, by: owner, isTold: false)
            try gateway.chat.store("next", in: room, by: owner)
            try await witness.read { contents($0) == ["lost on its way", "next"] }
            #expect(gateway.chat.asked.filter { $0.hasPrefix("chat.catch-up") } == ["chat.catch-up by nobody"])
        }
    }

    @Test("A chat of the version before is asked in a member's name, and not for ever in that of one who is refused")
    func gapWithOldChat() async throws {
        try await TestGateway.with(isOldChat: true) { gateway async throws in
            let room = gateway.chat.room(of: owner)
            let (refused, witness) = (try await gateway.socket(admin), try await gateway.socket(owner))
            for socket in [refused, witness] { try await gateway.join(socket, room) }
            refused.live.belong(to: gateway.verified(admin.again(.regular)))
            for round in 0..<5 {
                try gateway.chat.store("\(round) lost", in: room, by: owner, isTold: false)
                try gateway.chat.store("\(round) next", in: room, by: owner)
                try await witness.read { contents($0).last == "\(round) next" }
            }
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
