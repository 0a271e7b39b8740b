import TestKit
import Testing

@testable import LocalStack

@Suite("Ports and health", .bounded)
struct ProbeTests {
    @Test(
        "Ports are chosen below those of outgoing connections",
        arguments: [("32768\t60999\n", 16384...32767), ("1024 65535", 10_000...65_000), ("", 16384...32767)])
    func range(ephemeral: String, expected: ClosedRange<Int>) {
        let range = FreePorts.range(ephemeral: ephemeral)
        #expect(Int(range.lowerBound)...Int(range.upperBound) == expected)
    }

    @Test("Chosen ports are different, free and none of those to avoid")
    func choice() throws {
        let first = try FreePorts.choose(20)
        #expect(Set(first).count == 20)
        let second = try FreePorts.choose(5, avoiding: Set(first))
        #expect(Set(first).isDisjoint(with: second))
    }

    @Test("An answer is its status and body")
    func answer() {
        let answer = HealthProbe.Answer(parsing: "HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\n{\"failing\":\"x\"}")
        #expect(answer?.status == 503)
        #expect(answer?.body == "{\"failing\":\"x\"}")
    }

    @Test("What is no HTTP is no answer", arguments: ["", "HTTP/1.1", "INFO {}", "HTTP/1.1 abc"])
    func garbage(text: String) {
        #expect(HealthProbe.Answer(parsing: text) == nil)
    }

    @Test("Nobody there is no answer")
    func nobody() async throws {
        let port = try FreePorts.choose(1)[0]
        #expect(await HealthProbe(port: port, path: "/health/ready").ask() == nil)
    }
}
