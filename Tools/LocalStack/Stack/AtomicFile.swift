internal import Foundation
internal import Glibc

/// Files that a reader sees whole or not at all.
enum AtomicFile {
    /// Writes a file only its owner may read.
    ///
    /// - Throws: `StackError` with the system's reason.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        } catch {
            throw StackError("\(path) cannot be written: \(error.localizedDescription)")
        }
        guard rename(temporary, path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> StackError {
        StackError("\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}
