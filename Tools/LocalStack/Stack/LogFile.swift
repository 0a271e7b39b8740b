internal import Foundation

/// The file one process writes to.
package struct LogFile: Sendable {
    /// A log this large is set aside when the stack starts.
    package static let rotatedAbove: UInt64 = 10 * 1024 * 1024

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Bytes; 0 when there is none.
    package var size: UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// Sets a large log aside as `<name>.1`, replacing the one before.
    package func rotateIfLarge(above limit: UInt64 = LogFile.rotatedAbove) {
        guard size > limit else { return }
        try? FileManager.default.removeItem(atPath: path + ".1")
        try? FileManager.default.moveItem(atPath: path, toPath: path + ".1")
    }

    /// What was written since `offset`, at most the last `limit` bytes of it.
    package func text(from offset: UInt64, limit: UInt64 = 16 * 1024) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        let end = size
        let start = max(min(offset, end), end > limit ? end - limit : 0)
        try? handle.seek(toOffset: start)
        let data = (try? handle.read(upToCount: Int(limit))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// The last lines written since `offset`, each indented to stand under a message; says so when there are none.
    package func ending(from offset: UInt64, lines count: Int = 15) -> String {
        let lines = text(from: offset).split(whereSeparator: \.isNewline).suffix(count)
        return lines.isEmpty ? "    (it wrote nothing)" : lines.map { "    \($0)" }.joined(separator: "\n")
    }
}
