internal import Foundation

/// The lock file of a PostgreSQL server, by which `pg_ctl` too follows its start.
///
/// See "postmaster.pid" in PostgreSQL's `src/include/utils/pidfile.h`.
package struct PostmasterFile: Equatable {
    package let pid: Int32
    package let isReady: Bool

    /// - Returns: `nil` when the text is none of a lock file.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let pid = Int32(first.trimmingCharacters(in: .whitespaces)) else { return nil }
        // A standalone session writes its id negated; it is no server.
        guard pid > 0 else { return nil }
        self.pid = pid
        isReady = lines.count > 7 && lines[7].trimmingCharacters(in: .whitespaces) == "ready"
    }

    package init?(readingAt path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        self.init(text)
    }
}
