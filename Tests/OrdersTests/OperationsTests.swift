import Contracts
import Messaging
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct OperationsTests {
    @Test("Every operation that is declared has its handler, and no other has")
    func complete() async throws {
        try await OrdersFixture.with { orders in
            let empty = ServiceRouter(Orders.declaration, logger: .silent) { _ in nil }
            try OrdersService.router(empty, store: orders.store).requireComplete()
        }
    }
}
