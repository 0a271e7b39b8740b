import Configuration
import Testing

@testable import GatewayService

struct ConfigurationTests {
    private static let proxied = ["HOST": "0.0.0.0", "TRUSTED_PROXIES": "10.0.0.0/8"]
    // Whether they are a certificate is found out later.
    private static let encrypted = ["HOST": "0.0.0.0", "TLS_CERT": #filePath, "TLS_KEY": #filePath]

    @Test(
        "A start is warned of when others may come in and nothing encrypts what they say",
        arguments: [
            ([:], false), (["HOST": "127.0.0.2"], false), (["HOST": "localhost"], false), (["HOST": "::1"], false),
            (["HOST": "0.0.0.0"], true), (["HOST": "::"], true), (["HOST": "orderline.example"], true),
            (["HOST": "0.0.0.0", "TRUSTED_PROXIES": ""], true), (proxied, false), (encrypted, false),
        ])
    func openInTheClear(settings: [String: String], isOpen: Bool) throws {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: settings))
        #expect(try GatewayConfiguration(reader: reader).isOpenInTheClear == isOpen)
    }
}
