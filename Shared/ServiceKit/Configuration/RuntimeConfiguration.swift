package import Configuration
package import Logging
package import Logs

/// The settings that every process has.
package struct RuntimeConfiguration: Sendable {
    /// `OPS_PORT`: where operators ask for health and metrics; 0 chooses a free one.
    package var operatorPort: Int
    /// `OPS_HOST`: the address of that port.
    package var operatorHost: String
    /// `LOG_LEVEL`
    package var logLevel: Logger.Level
    /// `LOG_FORMAT`: `text` or `json`.
    package var logFormat: LogFormat

    /// Reads the settings; faults are added to `settings`, whose `finish` throws them.
    package init(reader: ConfigReader, settings: inout Settings) {
        operatorPort = settings.integer("ops.port", default: 9090, in: 0...65_535)
        operatorHost = settings.string("ops.host", default: "127.0.0.1")
        logLevel = settings.choice("log.level", default: .info)
        logFormat = settings.choice("log.format", default: .text)
    }
}
