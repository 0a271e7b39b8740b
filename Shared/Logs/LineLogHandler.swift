package import Logging
import Primitives

/// How a log line is written.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
}

/// Writes one line for each entry to standard error: the message is constant text, the data stand in the metadata.
///
/// Nobody who logs ever waits for whoever reads; `LineWriter` says what becomes of lines that nobody takes.
package struct LineLogHandler: LogHandler {
    /// Entries below it are not made.
    package var logLevel: Logger.Level
    /// Stands in every line of this logger; an entry's own of the same name counts before it.
    package var metadata: Logger.Metadata = [:]
    /// Asked at each entry; counts before `metadata`, and an entry's own before both.
    package var metadataProvider: Logger.MetadataProvider?
    private let format: LogFormat
    private let label: String
    private let writer: LineWriter
    private let descriptor: Int32

    /// - Parameters:
    ///   - label: the logger's name in each line.
    ///   - writer: takes the lines without making anybody wait.
    ///   - descriptor: where they go; standard error unless a test wants them elsewhere.
    package init(
        label: String, level: Logger.Level, format: LogFormat, writer: LineWriter = .standard,
        descriptor: Int32 = LineWriter.standardError
    ) {
        self.label = label
        self.writer = writer
        self.descriptor = descriptor
        self.logLevel = level
        self.format = format
    }

    /// One value of `metadata`.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Makes the line and hands it to the writer, which may drop it and then says so.
    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        writer.write(line(event.level, event.message.description, fields), to: descriptor)
    }

    /// Says that lines were lost, in the form of all others.
    package func lossNotice(_ count: Int) -> String {
        line(.warning, "log lines were lost: they could not be written in time", ["lines": "\(count)"])
    }

    private func line(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata) -> String {
        let sorted = fields.sorted { $0.key < $1.key }
        switch format {
        case .json:
            var writer = JSONWriter()
            writer.object { writer in
                writer.field("time", Timestamp.now())
                writer.field("level", level.rawValue)
                writer.field("logger", label)
                writer.field("message", message)
                for (key, value) in sorted {
                    writer.name(data: key)
                    writer.string("\(value)")
                }
            }
            return String(decoding: writer.bytes, as: UTF8.self) + "\n"
        case .text:
            let data = sorted.map { " \($0.key)=\(Self.singleLine("\($0.value)"))" }.joined()
            return "\(Timestamp.now()) \(level) \(label): \(message)\(data)\n"
        }
    }

    /// A value with its control characters escaped, so that nobody can forge a line.
    static func singleLine(_ value: String) -> String {
        value.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? value.debugDescription : value
    }
}
