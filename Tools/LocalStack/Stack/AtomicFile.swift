internal import Glibc
internal import Logs

/// Files that a reader sees whole or not at all, also after the machine has lost its power.
enum AtomicFile {
    /// Writes a file only its owner may read. When this returns, the disk has it; when it throws, the former one
    /// stands.
    ///
    /// - Throws: `StackError` with the system's reason.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        // Left by one that was killed: nobody else writes here, a stack has its directory for itself.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var error = Descriptor.write(Array(text.utf8), to: descriptor).error
        // Before the name changes: a rename that reaches the disk before the text does leaves an empty file.
        if error == 0, fsync(descriptor) != 0 { error = errno }
        if close(descriptor) != 0, error == 0 { error = errno }
        if error == 0, rename(temporary, path) != 0 { error = errno }
        guard error == 0 else {
            unlink(temporary)
            throw failure(path, error)
        }
        try syncName(of: path)
    }

    /// Makes a name that was given or changed outlast the machine.
    ///
    /// - Throws: `StackError` with the system's reason.
    static func syncName(of path: String) throws {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { path[...$0] } ?? "."
        let descriptor = open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        // Some file systems have no such thing for directories, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ error: Int32) -> StackError {
        StackError("\(path) cannot be written: \(String(cString: strerror(error))).")
    }
}
