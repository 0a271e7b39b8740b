internal import Glibc

/// A small file read to its end, with the difference between one that is not there and one that cannot be read.
enum WholeFile {
    struct Contents {
        var text: String
        /// Who may do what with it, as in `chmod`.
        var mode: mode_t
    }

    /// - Returns: `nil` when there is no such file.
    /// - Throws: `StackError` with the system's reason, or when it is not text.
    static func read(_ path: String) throws -> Contents? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // A link that leads nowhere is something somebody put there.
            var status = stat()
            if errno == ENOENT, lstat(path, &status) != 0 { return nil }
            throw failure(path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, errno) }
            if count == 0 { break }
            bytes += part[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw StackError("\(path) cannot be read: it is not text.")
        }
        return Contents(text: text, mode: status.st_mode & 0o7777)
    }

    private static func failure(_ path: String, _ error: Int32) -> StackError {
        StackError("\(path) cannot be read: \(String(cString: strerror(error))).")
    }
}
