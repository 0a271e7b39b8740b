internal import Foundation

/// `run.json`: what runs now, for tools.
package struct RunFile: Codable, Sendable, Equatable {
    /// Where PostgreSQL is.
    package struct Postgres: Codable, Sendable, Equatable {
        /// The superuser's.
        package var url: String
        package var pid: Int32
    }

    /// Where NATS is.
    package struct NATS: Codable, Sendable, Equatable {
        package var url: String
        package var monitor: String
        package var pid: Int32
    }

    /// Base addresses.
    package var gateways: [String] = []
    /// Base addresses of the operator ports, by process name.
    package var ops: [String: String] = [:]
    package var pids: [String: Int32] = [:]
    /// Paths, by process name.
    package var logs: [String: String] = [:]
    package var postgres = Postgres(url: "", pid: 0)
    package var nats = NATS(url: "", monitor: "", pid: 0)

    package init() {}

    /// The file's text.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
