package import Configuration
package import ServiceKit

/// The settings of the chat service: those that every service with a schema has, under `chat`.
package struct ChatConfiguration: Sendable {
    package var backend: BackendConfiguration

    /// - Throws: an error that lists every fault.
    package init(reader: ConfigReader) throws {
        var settings = Settings(reader)
        backend = BackendConfiguration(service: "chat", reader: reader, settings: &settings)
        try settings.finish()
    }
}
