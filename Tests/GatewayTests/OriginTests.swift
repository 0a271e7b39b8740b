import HTTPServer
import HTTPTypes
import NIOCore
import Testing

@testable import GatewayService

/// Which origins may use the gateway, and what browsers are told with a refusal from below the router.
struct OriginTests {
    private static let policy = OriginPolicy([
        "https://app.example", "HTTP://Other.Example:8080", "capacitor://localhost", "ionic://localhost",
        "app://obsidian.md/", "https://xn--bcher-kva.example", "http://[2001:DB8::1]:5173", "https://full.example:443",
    ])

    @Test(
        "An origin is listed when a browser takes it for a listed one",
        arguments: [
            "https://app.example", "https://APP.example", "HTTPS://app.example", "https://app.example:443",
            "http://other.example:8080", "capacitor://localhost", "Capacitor://LOCALHOST", "ionic://localhost",
            "app://obsidian.md", "https://xn--bcher-kva.example", "http://[2001:db8:0::1]:5173",
            "https://full.example",
        ])
    func listed(origin: String) { #expect(Self.policy.isListed(origin)) }

    @Test(
        "Whatever else an origin is, it is not listed",
        arguments: [
            "", "null", "*", "http://app.example", "http://app.example:443", "https://app.example:80",
            "https://app.example:8443", "https://app.example.evil", "https://evil.app.example", "https://app.example/",
            "https://app.example/x", "https://app.example?", "https://u@app.example", "https://app.example:",
            "https://app.example:x", "https://app.example:0", "https://app.example:99999", "https://app.example.",
            "https://app.example, https://app.example", "https://app.example https://app.example",
            "https://ap\u{440}.example", "https://b\u{FC}cher.example", "https://app.exam\u{440}le",
            "capacitor://other",
            "capacitor://localhost:443", "ionic:localhost", "://localhost", "app.example", "file://",
            "http://[2001:db8::2]:5173", "http://[2001:db8::1]", "http://2001:db8::1:5173", "http://[app.example]",
            "https://app.example\0", "https://app.e\u{301}xample", "https://\u{212A}.example",
        ])
    func foreign(origin: String) {
        #expect(!Self.policy.isListed(origin))
        #expect(!Self.policy.admits(origin: origin, scheme: "https", host: "gateway.example"))
    }

    @Test("The gateway's own origin is scheme, host and port as the client used them; without one nobody is kept out")
    func own() {
        let table: [(String?, String, String?, Bool)] = [
            (nil, "http", "gateway:8000", true), (nil, "http", nil, true),
            ("http://gateway:8000", "http", "gateway:8000", true),
            ("http://GATEWAY:8000", "http", "gateway:8000", true),
            ("https://shop.example", "https", "shop.example:443", true),
            ("https://shop.example:443", "https", "shop.example", true),
            ("http://shop.example", "http", "shop.example:80", true),
            ("http://[::1]:8000", "http", "[0:0::1]:8000", true),
            ("http://shop.example:443", "http", "shop.example:443", true),
            ("https://gateway:8000", "http", "gateway:8000", false),
            ("http://gateway:8000", "https", "gateway:8000", false),
            ("https://shop.example", "http", "shop.example:443", false),
            ("http://shop.example", "https", "shop.example", false),
            ("http://shop.example", "http", "shop.example:443", false),
            ("http://gateway", "http", "gateway:8000", false), ("http://evil", "http", nil, false),
            ("http://gateway:8000", "http", "gate%77ay:8000", false), ("", "http", "gateway:8000", false),
        ]
        for (origin, scheme, host, isAdmitted) in table {
            #expect(
                Self.policy.admits(origin: origin, scheme: scheme, host: host) == isAdmitted,
                "\(origin ?? "-") \(scheme) \(host ?? "-")")
        }
    }

    @Test("The scheme is that of the connection, or what a trusted proxy says, and never what the request says")
    func scheme() throws {
        let proxies = try #require(TrustedProxies(["10.0.0.0/8"]))
        let proxy = try SocketAddress(ipAddress: "10.1.2.3", port: 5)
        let stranger = try SocketAddress(ipAddress: "192.0.2.1", port: 5)
        let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
        let plain = ClientScheme(hasTLS: false, proxies: proxies)
        #expect(plain.name(peer: proxy, headers: [name: "https"]) == "https")
        #expect(plain.name(peer: proxy, headers: [:]) == "http")
        #expect(plain.name(peer: stranger, headers: [name: "https"]) == "http")
        #expect(plain.name(peer: nil, headers: [name: "https"]) == "http")
        #expect(ClientScheme(hasTLS: true, proxies: .none).name(peer: stranger, headers: [name: "http"]) == "https")
    }

    @Test(
        "The operator is told what cannot be listed",
        arguments: [
            ("*", "every site"), ("null", "sandboxed"), ("NULL", "sandboxed"), ("https://bücher.example", "ASCII"),
            ("https://app.example/path", "without a path"), ("https://app.example//", "without a path"),
            ("app.example", "not an origin"), ("https://", "not an origin"), ("https://*.example", "not an origin"),
            ("https://app.example?x", "not an origin"), ("https://a:b@app.example", "not an origin"),
            ("file:///", "not an origin"),
        ])
    func faults(entry: String, word: String) {
        #expect(OriginPolicy.fault(in: entry)?.contains(word) ?? false, "\(OriginPolicy.fault(in: entry) ?? "-")")
        #expect(!OriginPolicy([entry]).isListed(entry))
    }

    @Test("A refusal from below the router can be read by a listed site alone")
    func refusals() {
        let answer = RefusalAnswer(crossOrigin: CrossOrigin(origins: Self.policy), hasTLS: false)
        for (origin, isAllowed) in [("https://app.example", true), ("https://elsewhere.example", false)] {
            let asked = RefusedHead(fields: [.origin: origin, .requestID: "mine"])
            let (response, _) = answer.make(.fieldsTooLarge, asked)
            #expect(response.headerFields[.accessControlAllowOrigin] == (isAllowed ? origin : nil))
            #expect((response.headerFields[.accessControlExposeHeaders] != nil) == isAllowed)
            #expect(response.headerFields[.vary] == "Origin")
            #expect(response.headerFields[.requestID] == "mine")
        }
    }
}
