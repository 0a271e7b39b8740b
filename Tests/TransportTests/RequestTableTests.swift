import Messaging
import TestKit
import Testing

@testable import NATSTransport

@Suite(.bounded)
struct RequestTableTests {
    @Test("An answer that comes before the caller waits is kept for it")
    func early() async throws {
        let table = RequestTable(limit: 10)
        let token = try #require(table.begin(deadline: .max))
        table.finish(token, .success(.number(1)))
        table.finish(token, .failure(.timeout))
        #expect(await table.wait(token) == .success(.number(1)))
        #expect(table.count == 0)
    }

    @Test("Only the first of several answers counts, and a late one is dropped")
    func once() async throws {
        let table = RequestTable(limit: 10)
        let token = try #require(table.begin(deadline: .max))
        async let answer = table.wait(token)
        table.finish(token, .failure(.noResponders))
        #expect(await answer == .failure(.noResponders))
        table.finish(token, .success(Envelope()))
        #expect(table.count == 0)
    }

    @Test("Sweeping ends those whose time has come and no others")
    func sweep() async throws {
        let table = RequestTable(limit: 10)
        let first = try #require(table.begin(deadline: 100))
        let second = try #require(table.begin(deadline: 200))
        table.sweep(now: 99)
        table.sweep(now: 100)
        #expect(await table.wait(first) == .failure(.timeout))
        #expect(table.count == 1)
        table.failAll(.disconnected)
        #expect(await table.wait(second) == .failure(.disconnected))
    }

    @Test("Nothing is told of the next token by those before it")
    func unpredictable() throws {
        let table = RequestTable(limit: 1000)
        let tokens = try (0..<1000).map { _ in try #require(table.begin(deadline: .max)) }
        #expect(Set(tokens).count == 1000)
        let steps = Set(zip(tokens, tokens.dropFirst()).map { $1 &- $0 })
        #expect(steps.count > 990, "a counter has one step, a weak generator few")
        // Each bit is set in about half of them; fewer than 350 of 1000 does not happen.
        for bit in 0..<64 {
            let set = tokens.count { $0 >> UInt64(bit) & 1 == 1 }
            #expect((350...650).contains(set), "bit \(bit)")
        }
    }

    @Test(
        "Only what is written as we write it finds a caller",
        arguments: [
            ("00000000000000ff", 255), ("ffffffffffffffff", UInt64.max), ("00000000000000FF", nil), ("ff", nil),
            ("", nil), ("00000000000000ff0", nil), ("0x000000000000ff", nil), ("+0000000000000ff", nil),
        ] as [(String, UInt64?)])
    func spelling(text: String, token: UInt64?) {
        #expect(text.withCString { NATSTransport.token(in: $0) } == token)
    }

    @Test("Beyond the limit none begins until one has ended")
    func limit() throws {
        let table = RequestTable(limit: 2)
        let first = try #require(table.begin(deadline: .max))
        _ = try #require(table.begin(deadline: .max))
        #expect(table.begin(deadline: .max) == nil)
        table.abandon(first)
        #expect(table.begin(deadline: .max) != nil)
    }
}
