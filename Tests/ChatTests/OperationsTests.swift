import Contracts
import Messaging
import TestKit
import Testing

@testable import ChatService

@Suite(.bounded)
struct OperationsTests {
    @Test("Every operation that is declared has its handler, and no other has")
    func complete() async throws {
        try await ChatFixture.with { chat in
            let empty = ServiceRouter(Chat.declaration, logger: .silent) { _ in nil }
            try ChatService.router(empty, store: chat.store, bus: chat.bus, live: chat.live).requireComplete()
        }
    }
}
