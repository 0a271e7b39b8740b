import Foundation
package import Logging
import Primitives

/// How a log line is written.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
}

/// Writes one line for each entry to standard error: the message is constant text, the data stand in the metadata.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let format: LogFormat
    private let label: String

    package init(label: String, level: Logger.Level, format: LogFormat) {
        self.label = label
        self.logLevel = level
        self.format = format
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        let sorted = fields.sorted { $0.key < $1.key }
        let line: String
        switch format {
        case .json:
            var writer = JSONWriter()
            writer.object { writer in
                writer.field("time", Timestamp.now())
                writer.field("level", event.level.rawValue)
                writer.field("logger", label)
                writer.field("message", event.message.description)
                for (key, value) in sorted {
                    writer.name(data: key)
                    writer.string("\(value)")
                }
            }
            line = String(decoding: writer.bytes, as: UTF8.self)
        case .text:
            let data = sorted.map { " \($0.key)=\(Self.singleLine("\($0.value)"))" }.joined()
            line = "\(Timestamp.now()) \(event.level) \(label): \(event.message)\(data)"
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// A value with its control characters escaped, so that nobody can forge a line.
    static func singleLine(_ value: String) -> String {
        value.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? value.debugDescription : value
    }
}
