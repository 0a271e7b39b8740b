package import Logging

extension Logger {
    /// Says nothing, for tests that do not look at what is logged.
    package static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Gives each line to `recorder`, its message and then its data.
    package static func recording(into recorder: Recorder<String>) -> Logger {
        Logger(label: "test") { _ in RecordingLogHandler(recorder: recorder) }
    }
}

private struct RecordingLogHandler: LogHandler {
    let recorder: Recorder<String>
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let data = metadata.merging(event.metadata ?? [:]) { _, new in new }
        recorder.record("\(event.message) " + data.map { "\($0)=\($1)" }.sorted().joined(separator: " "))
    }
}
