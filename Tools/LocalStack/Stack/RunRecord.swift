internal import Foundation

/// Keeps `run.json` true: written when everything is ready, and again whenever a process was started again.
package actor RunRecord {
    private let path: String
    private let console: Console
    private var file = RunFile()
    private var published = false

    package init(path: String, console: Console) {
        self.path = path
        self.console = console
    }

    package func change(_ body: @Sendable (inout RunFile) -> Void) {
        body(&file)
        if published { write() }
    }

    /// Writes the file from now on.
    package func publish() {
        published = true
        write()
    }

    /// Removes the file, for good.
    package func withdraw() {
        published = false
        try? FileManager.default.removeItem(atPath: path)
    }

    private func write() {
        do {
            try AtomicFile.write(try file.text(), to: path)
        } catch {
            console.failure("\(error)")
        }
    }
}
