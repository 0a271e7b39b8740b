import Contracts
import MemoryTransport
import Messaging
import Primitives
import ServiceKit
import ServiceLifecycle
import SocketServer
import Testing

@testable import GatewayService

/// The rooms and sockets of a second gateway on the same network as a `TestGateway`.
final class OtherGateway: Sendable {
    let transport: MemoryTransport
    let rooms: RoomHub
    private let hub: SocketHub
    private let gateway: TestGateway

    private init(beside gateway: TestGateway) {
        self.gateway = gateway
        transport = MemoryTransport(hub: gateway.memory)
        rooms = RoomHub(
            id: .make(), bus: MessageBus(transport: transport), loops: gateway.service.acceptor.loops,
            logger: gateway.service.runtime.logger)
        hub = SocketHub(
            rooms: rooms, revocations: gateway.revocations, drainTime: .zero, now: { [gateway] in gateway.now })
    }

    /// Runs `body` beside it, and stops it gracefully, though not its sockets.
    static func with(beside gateway: TestGateway, _ body: (OtherGateway) async throws -> Void) async throws {
        let other = OtherGateway(beside: gateway)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: other.rooms)], logger: gateway.service.runtime.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(other)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// A socket that has joined rooms.
    func socket(_ caller: Caller, in rooms: Identifier...) async throws -> TestSocket {
        let socket = try await TestSocket(gateway.verified(caller), gateway: gateway.service, hub: hub)
        for room in rooms {
            try await self.rooms.join(
                socket.live, Chat.Join(orderID: room), context: CallContext(caller: caller, requestID: "test")
            ) { _, _ in socket.live.reply(to: 1, .success(Array("{}".utf8))) }
        }
        return socket
    }
}
