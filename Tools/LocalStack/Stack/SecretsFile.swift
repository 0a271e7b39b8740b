internal import Glibc

/// Where a stack's secrets are kept: lines `NAME=value`, each value to the end of its line as it is, readable by the
/// owner only.
///
/// What opens the data must never be replaced because it could not be read: every doubt is a refusal that says what to
/// do.
struct SecretsFile {
    /// What the data of a stack cannot be opened without; the other secrets are set anew at each start.
    static let bound = ["ADMIN_EMAIL", "JWT_SECRET", "POSTGRES_PASSWORD"]

    let path: String

    /// The secrets of the file; `nil` when there is none and there need not be.
    ///
    /// - Parameters:
    ///   - hasData: whether databases exist already, which only the file's secrets open.
    ///   - tell: told what was put right.
    /// - Throws: `StackError` when data exist without their secrets, or the file cannot be read or is not whole.
    func read(hasData: Bool, tell: (String) -> Void = { _ in }) throws -> [String: String]? {
        guard let contents = try WholeFile.read(path) else {
            guard hasData else { return nil }
            throw refusal("is missing, but data made with it are there")
        }
        try requireWhole(contents.text)
        let values = Self.parse(contents.text)
        let missing = Self.bound.filter { values[$0, default: ""].isEmpty }
        guard missing.isEmpty || !hasData else {
            throw refusal("lacks \(missing.joined(separator: ", ")), but data made with it are there")
        }
        try closeToOthers(contents.mode, tell)
        return values
    }

    /// Replaces the file.
    ///
    /// - Throws: `StackError` with the system's reason.
    func write(_ values: [String: String]) throws { try AtomicFile.write(try Self.text(values), to: path) }

    /// No grammar beyond the line: the file is this program's own, and a value may hold any sign.
    static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        // By bytes: a value may begin with a mark that would make one character of it and the sign before.
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > line.startIndex else { continue }
            values[String(Substring(line[..<equals]))] = String(Substring(line[line.index(after: equals)...]))
        }
        return values
    }

    /// Lines in the order of their names.
    ///
    /// - Throws: `StackError` for a value of several lines.
    static func text(_ values: [String: String]) throws -> String {
        for (name, value) in values where value.utf8.contains(UInt8(ascii: "\n")) {
            throw StackError("\(name) has several lines, and must have one.")
        }
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    private func requireWhole(_ text: String) throws {
        // One that was cut short ends inside a line, and a password that lacks its end looks like any other.
        guard text.isEmpty || text.hasSuffix("\n") else {
            throw refusal("does not end with the end of a line: it may have been cut short")
        }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.drop { $0.isWhitespace }
            guard line.isEmpty || line.hasPrefix("#") || Self.parse(String(line)).count == 1 else {
                throw refusal("is damaged: line \(number + 1) is not NAME=value")
            }
        }
    }

    private func closeToOthers(_ mode: mode_t, _ tell: (String) -> Void) throws {
        guard mode & 0o077 != 0 else { return }
        guard chmod(path, 0o600) == 0 else {
            throw StackError(
                "\(path) can be used by others and cannot be closed to them: \(String(cString: strerror(errno))).")
        }
        tell("\(path) could be used by others (mode \(String(mode, radix: 8))); now only by its owner.")
    }

    private func refusal(_ reason: String) -> StackError {
        StackError(
            """
            \(path) \(reason).
            Put the file back, or remove the whole directory to begin anew.
            """)
    }
}
