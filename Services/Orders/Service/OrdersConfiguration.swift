package import Configuration
package import ServiceKit

/// The settings of the orders service: those that every service with a schema has, under `orders`.
package struct OrdersConfiguration: Sendable {
    package var backend: BackendConfiguration

    /// - Throws: an error that lists every fault.
    package init(reader: ConfigReader) throws {
        var settings = Settings(reader)
        backend = BackendConfiguration(service: "orders", reader: reader, settings: &settings)
        try settings.finish()
    }
}
