internal import Foundation
internal import Glibc

/// The directory that holds everything of one stack: secrets, the databases' files, logs, and what runs now.
package struct DataDirectory: Sendable {
    /// Absolute, without symbolic links.
    package let path: String

    /// Makes the directory when there is none, and closes it to others. One that was there and is no stack's may be
    /// anybody's, and stays as it is: only what is made in it is closed.
    ///
    /// - Throws: `StackError` when it cannot be made.
    package init(making path: String) throws {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        let isNew = !FileManager.default.fileExists(atPath: absolute)
        if isNew {
            do {
                try FileManager.default.createDirectory(atPath: absolute, withIntermediateDirectories: true)
            } catch {
                throw StackError("The data directory \(absolute) cannot be made: \(error.localizedDescription)")
            }
        }
        guard let resolved = realpath(absolute, nil) else {
            throw StackError("The data directory \(absolute) cannot be entered.")
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
        if isNew || access(self.path + "/lock", F_OK) == 0 { try closeToOthers() }
        let logs = self.path + "/logs"
        guard mkdir(logs, 0o700) == 0 || errno == EEXIST else {
            throw StackError("\(logs) cannot be made: \(String(cString: strerror(errno))).")
        }
    }

    package var secrets: String { path + "/secrets.env" }
    package var runFile: String { path + "/run.json" }
    package var cluster: String { path + "/postgres" }
    package var nats: String { path + "/nats" }
    package var supervisorLog: String { path + "/supervisor.log" }

    package func log(of name: String) -> String { "\(path)/logs/\(name).log" }

    /// Makes this process the directory's only stack, until it ends in whatever way.
    ///
    /// The lock's file holds the process's id, for `bin/down`.
    /// - Throws: `StackError` when another stack runs in the directory.
    package func lock() throws -> DataLock {
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StackError("\(file) cannot be written: \(String(cString: strerror(errno))).")
        }
        // bin/down holds it for a moment too, to see whether there is anything to stop.
        var attempts = 10
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 && attempts > 0 {
            attempts -= 1
            usleep(20_000)
        }
        guard attempts > 0 else {
            let holder = (try? String(contentsOfFile: file, encoding: .utf8))?.trimmingCharacters(
                in: .whitespacesAndNewlines)
            close(descriptor)
            throw StackError(
                """
                A stack already runs in \(path) (process \(holder ?? "unknown")).
                Stop it with: bin/down --data '\(path)', or start another one with other --data and --port.
                """)
        }
        return DataLock(descriptor: descriptor)
    }
}

/// The right to run a stack in a data directory; given up when released or when the process ends.
package struct DataLock: ~Copyable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) {
        self.descriptor = descriptor
        let text = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit {
        // The file stays: removing it would let two stacks lock two files of the same name.
        ftruncate(descriptor, 0)
        close(descriptor)
    }
}
