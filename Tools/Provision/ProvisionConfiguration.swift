import Configuration
import Contracts
import NATSTransport
import ServiceKit

/// The settings of `provision`.
struct ProvisionConfiguration {
    var runtime: RuntimeConfiguration
    /// `NATS_URL`, `NATS_CA`, `NATS_PROVISION_PASSWORD` of the user `provision`; without it no user is named.
    var nats: NATSConfiguration
    /// `NATS_REPLICAS` (1), `EVENTS_MAX_AGE` (`6h`), `EVENTS_MAX_BYTES` (1073741824): how many copies of an event, how
    /// long, and how much of them in all. The server keeps at most what its own `max_file_store` says.
    var stream: StreamDefinition

    /// - Throws: an error that lists every fault.
    init(reader: ConfigReader) throws {
        var settings = Settings(reader)
        runtime = RuntimeConfiguration(reader: reader, settings: &settings)
        let password = settings.optionalString("nats.provision.password", isSecret: true)
        let url = settings.string("nats.url", default: "nats://127.0.0.1:4222")
        nats = NATSConfiguration(
            url: url, user: password.map { _ in "provision" },
            password: password, name: "provision", inboxPrefix: "_INBOX.provision",
            certificateAuthorities: settings.natsAuthorities(for: url))
        stream = StreamDefinition(
            services: Services.all,
            replicas: settings.integer("nats.replicas", default: 1, in: 1...5),
            // The window against repeats is two minutes, and an event must not go before it.
            maximumAge: settings.duration(
                "events.max.age", default: StreamDefinition.standardAge, in: .seconds(120) ... .seconds(366 * 86_400)),
            maximumBytes: settings.integer(
                "events.max.bytes", default: StreamDefinition.standardBytes, in: 1_048_576...1 << 50))
        try settings.finish()
    }
}
