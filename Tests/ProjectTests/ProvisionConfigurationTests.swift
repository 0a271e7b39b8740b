import Configuration
import Contracts
import Logging
import Messaging
import NATSTransport
import ServiceKit
import Testing

@testable import Provision

struct ProvisionConfigurationTests {
    private func configuration(_ variables: [String: String]) throws -> ProvisionConfiguration {
        try ProvisionConfiguration(
            reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
    }

    @Test("Every fault of provision's settings is listed at once, those that all programs have among them")
    func faults() {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration([
                "OPS_PORT": "high", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "NATS_REPLICAS": "9",
                "EVENTS_MAX_AGE": "1s", "EVENTS_MAX_BYTES": "1",
            ])
        }
        let names = error?.faults.compactMap { $0.split(separator: ":").first.map(String.init) } ?? []
        #expect(
            Set(names) == [
                "OPS_PORT", "LOG_LEVEL", "LOG_FORMAT", "NATS_REPLICAS", "EVENTS_MAX_AGE", "EVENTS_MAX_BYTES",
            ])
    }

    @Test(
        "An authority for NATS is a file that can be read, and goes with addresses that are encrypted",
        arguments: [
            (nil, "nats://a:1", nil), (#filePath, "tls://a:1", nil), (#filePath, "tls://a:1,tls://b:2", nil),
            (#filePath, "nats://a:1", "tls://"), (#filePath, "tls://a:1,nats://b:2", "tls://"),
            ("/nowhere/ca.pem", "tls://a:1", "cannot be read"),
        ] as [(String?, String, String?)])
    func authority(file: String?, url: String, fault: String?) throws {
        let variables = ["NATS_URL": url, "NATS_CA": file ?? ""]
        if let fault {
            let error = #expect(throws: ConfigurationError.self) { try configuration(variables) }
            #expect(error?.faults.count == 1)
            #expect(error?.faults.first?.hasPrefix("NATS_CA: ") == true && error?.faults[0].contains(fault) == true)
        } else {
            #expect(try configuration(variables).nats.certificateAuthorities == file)
        }
    }

    @Test("What is provisioned is what the services declare")
    func declared() throws {
        let settings = try configuration(["OPS_PORT": "1", "LOG_LEVEL": "debug", "NATS_PROVISION_PASSWORD": "p"])
        #expect(settings.runtime.operatorPort == 1 && settings.runtime.logLevel == .debug)
        #expect(settings.nats.user == "provision")
        #expect(settings.stream.sources == Services.all.map(\.name))
        #expect(settings.stream.consumers == Services.all.flatMap(\.consumers))
        #expect(try configuration([:]).nats.user == nil)
    }
}
