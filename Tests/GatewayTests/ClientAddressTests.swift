import HTTPTypes
import NIOCore
import Primitives
import Testing

@testable import GatewayService

struct ClientAddressTests {
    private static let proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8"]) ?? .none

    private static func client(
        from peer: String = "10.0.0.1", listed: [String] = [], elements: [String] = []
    ) throws -> String? {
        var headers = HTTPFields()
        for value in listed { headers.append(HTTPField(name: .forwardedFor, value: value)) }
        for value in elements { headers.append(HTTPField(name: .forwarded, value: value)) }
        return proxies.client(peer: try SocketAddress(ipAddress: peer, port: 5), headers: headers)?.description
    }

    @Test(
        "X-Forwarded-For is read from the right, past the proxies that are trusted, and no further",
        arguments: [
            ([], "10.0.0.1"), (["192.0.2.7"], "192.0.2.7"), (["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
            (["6.6.6.6", "192.0.2.7"], "192.0.2.7"), (["192.0.2.7, 10.3.3.3,fd00::9"], "192.0.2.7"),
            (["192.0.2.7, junk, 10.3.3.3"], "10.3.3.3"), (["junk"], "10.0.0.1"), ([""], "10.0.0.1"),
            (["10.3.3.3, 10.4.4.4"], "10.3.3.3"), (["::ffff:192.0.2.7"], "192.0.2.7"),
            (["::FFFF:192.0.2.7, ::ffff:10.1.1.1"], "192.0.2.7"), (["2001:DB8:0::1"], "2001:db8::1"),
            (["192.0.2.7:4711"], "192.0.2.7"), (["[2001:db8::1]:4711"], "2001:db8::1"),
            (["[2001:db8::1]"], "2001:db8::1"),
            (["192.0.2.7:port"], "10.0.0.1"), (["\t192.0.2.7 "], "192.0.2.7"),
        ] as [([String], String)])
    func listed(values: [String], client: String) throws {
        #expect(try Self.client(listed: values) == client)
    }

    @Test(
        "Forwarded is read by its grammar",
        arguments: [
            (["for=192.0.2.7"], "192.0.2.7"), (["For=\"192.0.2.7:80\";proto=https;by=10.0.0.1"], "192.0.2.7"),
            (["for=\"[2001:db8::1]:80\""], "2001:db8::1"), (["for=6.6.6.6, for=192.0.2.7"], "192.0.2.7"),
            (["for=6.6.6.6", "for=192.0.2.7,for=10.2.2.2"], "192.0.2.7"), (["for=unknown"], "10.0.0.1"),
            (["for=192.0.2.7, for=_hidden, for=10.2.2.2"], "10.2.2.2"), (["by=192.0.2.7"], "10.0.0.1"),
            (["for=\"192.0.2.7, for=6.6.6.6"], "10.0.0.1"), (["for=\"a\\\",\";for=192.0.2.7"], "192.0.2.7"),
        ] as [([String], String)])
    func forwarded(values: [String], client: String) throws {
        #expect(try Self.client(elements: values) == client)
    }

    @Test("Where both headers are there and disagree, one came past a proxy: neither is believed")
    func both() throws {
        #expect(try Self.client(listed: ["192.0.2.7"], elements: ["for=192.0.2.7"]) == "192.0.2.7")
        #expect(try Self.client(listed: ["192.0.2.7"], elements: ["for=6.6.6.6"]) == "10.0.0.1")
    }

    @Test("Nobody is believed who is not trusted")
    func untrusted() throws {
        #expect(try Self.client(from: "192.0.2.9", listed: ["6.6.6.6"], elements: ["for=6.6.6.6"]) == "192.0.2.9")
        #expect(try Self.client(from: "::ffff:192.0.2.9", listed: ["6.6.6.6"]) == "192.0.2.9")
        #expect(try Self.client(from: "::ffff:10.0.0.9", listed: ["6.6.6.6"]) == "6.6.6.6")
        #expect(Self.proxies.client(peer: nil, headers: [.forwardedFor: "6.6.6.6"]) == nil)
    }

    @Test("An IPv6 customer is counted by its network, an IPv4 one by its address")
    func networks() {
        #expect(IPAddress("2001:db8:1:2:3::4")?.network == IPAddress("2001:db8:1:2:ffff::")?.network)
        #expect(IPAddress("2001:db8:1:2::")?.network != IPAddress("2001:db8:1:3::")?.network)
        #expect(IPAddress("::ffff:192.0.2.1")?.network == IPAddress("192.0.2.1"))
        for text in ["", "1", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4%eth0", "0x7f.1", "[::1]", "1.2.3.4 "] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
    }
}
