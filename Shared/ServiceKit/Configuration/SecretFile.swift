import Foundation

/// A secret that stands in a file of its own, as orchestrators hand it to a process.
enum SecretFile {
    /// No secret is longer; a device that never ends is not read for ever.
    static let limit = 65_536

    /// What is wrong with a file, to stand behind the variable's name.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// The file's text without the end of its last line, which editors and `echo` put there.
    ///
    /// - Throws: `Fault`, which names the path and never what the file holds.
    static func read(_ path: String) throws(Fault) -> String {
        var bytes: [UInt8]
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            bytes = []
            while bytes.count <= limit, let part = try handle.read(upToCount: limit), !part.isEmpty { bytes += part }
        } catch {
            throw Fault(reason: "\(path) cannot be read")
        }
        guard bytes.count <= limit else { throw Fault(reason: "\(path) is longer than \(limit) bytes") }
        // By bytes: a carriage return and a line feed are one character.
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Fault(reason: "\(path) is not text")
        }
        guard !text.isEmpty else { throw Fault(reason: "\(path) is empty") }
        return text
    }
}
