package import Logging

/// A name that nobody else has: a letter, then digits and small letters.
package func uniqueName() -> String { "t" + String(UInt64.random(in: 0 ... .max), radix: 36) }

extension Logger {
    /// Says nothing, for tests that do not look at what is logged.
    package static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
