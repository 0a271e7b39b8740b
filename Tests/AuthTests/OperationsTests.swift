import Contracts
import Messaging
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct OperationsTests {
    @Test("Every operation that is declared has its handler, and no other has")
    func complete() async throws {
        try await AuthFixture.with { auth in
            let empty = ServiceRouter(Auth.declaration, logger: .silent) { _ in nil }
            try AuthService.router(
                empty, store: auth.store, hasher: auth.hasher, tokens: auth.tokens,
                protection: auth.protection, log: .none
            ).requireComplete()
        }
    }
}
