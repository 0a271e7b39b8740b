internal import Foundation
internal import Logs

/// What the person at the terminal sees.
package struct Console: Sendable {
    /// Only failures are written.
    package let quiet: Bool

    package init(quiet: Bool) {
        self.quiet = quiet
    }

    /// A line that something was done, with the time it took.
    package func step(_ text: String, since start: ContinuousClock.Instant) {
        line(Self.stepLine(text, took: ContinuousClock.now - start))
    }

    /// A line of its own.
    package func line(_ text: String) {
        if !quiet { write(text, to: LineWriter.standardOutput) }
    }

    /// A line about something that went wrong.
    package func failure(_ text: String) {
        write(text, to: LineWriter.standardError)
    }

    /// The same columns as `bin/up` prints.
    package static func stepLine(_ text: String, took: Duration) -> String {
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let padded = text.count < 56 ? text + String(repeating: " ", count: 56 - text.count) : text
        return "  \(padded) " + String(format: "%6.1f s", seconds)
    }

    private func write(_ text: String, to descriptor: Int32) {
        // A reader that has gone away, or does not read, must not stop the stack.
        LineWriter.standard.write(text + "\n", to: descriptor)
    }
}
