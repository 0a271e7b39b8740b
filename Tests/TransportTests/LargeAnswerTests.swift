import Messaging
import Primitives
import TestKit
import Testing

@testable import NATSTransport

@Suite(.bounded)
struct LargeAnswerTests {
    @Test("An answer that is too large to be carried is counted, and its caller told so at once")
    func tooLarge() async throws {
        try await NATSServerProcess.withServer { server in
            let (service, client) = (server.transport(), server.transport())
            try await withRunning([service, client]) {
                try await settle([service, client])
                try await during {
                    // The server's own bound of a message is 1 MiB.
                    try await service.serve(
                        ["orders.list"], queue: "orders", limit: 8, refusal: Envelope(error: .overloaded)
                    ) { _, request in
                        request.payload.isEmpty ? Envelope() : Envelope(payload: [UInt8](repeating: 65, count: 2 << 20))
                    }
                } _: {
                    try await client.waitUntilServed("orders.list")
                    let answer = try await client.request(
                        "orders.list", Envelope(payload: [1]), timeout: .seconds(10).slackened)
                    let error = try ServiceError(jsonBytes: answer.payload)
                    #expect(error.code == .internal && error.detail.contains("too large"))
                    #expect(service.statistics.lostAnswers == 1)
                    // The next one is answered as if nothing had been.
                    let next = try await client.request("orders.list", Envelope(), timeout: .seconds(5).slackened)
                    #expect(next == Envelope())
                }
            }
        }
    }
}
