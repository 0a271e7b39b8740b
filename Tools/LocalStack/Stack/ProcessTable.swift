internal import Foundation
internal import Glibc

/// The machine's processes, as `/proc` shows them to this user.
package enum ProcessTable {
    /// The variable that marks every process of a stack, with the data directory's path as its value.
    package static let marker = "ORDERLINE_DATA"

    /// Processes that were started with the marker of this data directory.
    package static func marked(_ data: String) -> [Int32] {
        let wanted = Data("\(marker)=\(data)".utf8)
        return all { pid in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0 == wanted }
        }
    }

    /// Processes whose working directory is this one: for a cluster's directory, its PostgreSQL server and all its
    /// sessions.
    package static func working(in directory: String) -> [Int32] {
        all { pid in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) == directory
        }
    }

    /// Sends the signal to the processes `find` finds and waits until it finds none.
    ///
    /// - Returns: whether none is left within the limit.
    package static func end(_ signal: Int32, within limit: Duration, find: () -> [Int32]) async -> Bool {
        for pid in find() { kill(pid, signal) }
        let deadline = ContinuousClock.now + limit
        while !find().isEmpty {
            if ContinuousClock.now >= deadline { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    private static func all(where matches: (Int32) -> Bool) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 != getpid() && matches($0) }
    }
}
