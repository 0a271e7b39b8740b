import NATSTransport
import Testing

@Suite struct NATSConfigurationTests {
    @Test(
        "What leaves the machine without encryption is known by the address",
        arguments: [
            ("nats://127.0.0.1:4222", false), ("nats://localhost", false), ("nats://[::1]:4222", false),
            ("nats://user:p@ss@127.0.0.1:4222", false), ("127.0.0.1:4222", false), ("tls://nats.example:4222", false),
            ("tls://a:1,tls://b:2", false), ("nats://127.0.0.1:1,tls://b:2", false), ("nats://nats:4222", true),
            ("nats://10.0.0.1", true), ("nats.example:4222", true), ("nats://127.0.0.1:1,nats://nats:2", true),
            ("tls://a:1,nats://b:2", true), ("nats://localhost.example", true), ("nats://[fd00::1]:4222", true),
        ])
    func privacy(url: String, isInTheClear: Bool) {
        #expect(NATSConfiguration(url: url).isInTheClear == isInTheClear)
    }
}
