import Testing

@testable import OrderlineClient

/// Addresses.
struct OriginTests {
    @Test(
        "An address is a scheme, a host, and perhaps a port",
        arguments: [
            ("https://shop.example", "https://shop.example/ws", "shop.example"),
            ("https://shop.example:443/", "https://shop.example/ws", "shop.example"),
            ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080/ws", "127.0.0.1"),
            ("https://[::1]:8443", "https://[::1]:8443/ws", "::1"),
        ])
    func read(_ text: String, _ url: String, _ host: String) throws {
        let origin = try Origin(text)
        #expect(origin.url("/ws") == url && origin.host == host)
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", "shop.example", "ftp://shop.example", "https://", "https://shop.example/api", "https://a@shop.example",
            "https://shop.example?x=1", "http://shop.example:0", "http://shop.example:65536", "https://shop example",
        ])
    func refused(_ text: String) {
        let problem = #expect(throws: Problem.self) { try Origin(text) }
        #expect(problem?.code == .invalidOrigin)
    }

    @Test("No text of others changes which path is meant")
    func escaped() {
        #expect(Escaped.component("../a?b#c/d é\u{0}%") == "..%2Fa%3Fb%23c%2Fd%20%C3%A9%00%25")
        #expect(Escaped.query([("q", "a&b=c+d")]) == "?q=a%26b%3Dc%2Bd")
        #expect(Escaped.query([]).isEmpty)
    }

    @Test("Waits grow to half a minute, and are never the same for all")
    func backOff() {
        for attempt in 0...40 {
            let longest = min(30, 0.25 * Double(1 << min(attempt, 10)))
            #expect((Duration.seconds(longest / 2)...Duration.seconds(longest)).contains(BackOff.wait(attempt)))
        }
        #expect(Set((0..<20).map { _ in BackOff.wait(7) }).count > 1)
    }
}
