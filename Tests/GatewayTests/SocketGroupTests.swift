import NIOCore
import NIOEmbedded
import TestKit
import Testing

@testable import GatewayService
@testable import SocketServer

@Suite(.bounded)
struct SocketGroupTests {
    @Test("A group holds each socket once, however often and in whatever order sockets come and go", .seeded)
    func model() async throws {
        var sockets: [TestSocket] = []
        for _ in 0..<12 { sockets.append(try await TestSocket(nil)) }
        var group = SocketGroup()
        var model: Set<Int> = []
        var generator = SeededGenerator()
        for _ in 0..<2000 {
            let socket = sockets[Int.random(in: 0..<sockets.count, using: &generator)].live
            if Bool.random(using: &generator) {
                let isNew = group.insert(socket)
                #expect(isNew == model.insert(socket.id).inserted)
            } else {
                let wasThere = group.remove(socket)
                #expect(wasThere == (model.remove(socket.id) != nil))
            }
            #expect(group.count == model.count && group.isEmpty == model.isEmpty)
            #expect(Set(group.all.map(\.id)) == model && group.all.count == model.count)
        }
    }

    @Test("An event reaches every socket of a group once, each in the form of its door")
    func send() async throws {
        let plain = try await TestSocket(nil)
        let socketIO = try await TestSocket(nil, door: .engineIO)
        let outside = try await TestSocket(nil)
        var group = SocketGroup()
        for socket in [plain, socketIO, outside, plain] { group.insert(socket.live) }
        group.remove(outside.live)
        group.send(ServerEvent(.orderCreated, data: Array("{}".utf8)))
        #expect(try await plain.read() == [#"{"event":"orderCreated","data":{}}"#])
        #expect(try await socketIO.read() == [#"42["orderCreated",{}]"#])
        #expect(try await outside.read().isEmpty)
    }
}
