internal import Primitives

/// The `.env` of a project.
package enum SettingsFile {
    /// The variables of a file; none when there is no such file.
    ///
    /// - Throws: `StackError` when it is there and cannot be read: settings that somebody made must not be passed over.
    package static func read(_ path: String) throws -> [String: String] {
        guard let contents = try WholeFile.read(path) else { return [:] }
        do {
            return try EnvironmentFile(parsing: contents.text).variables
        } catch {
            throw StackError("\(path) cannot be used:\n" + error.faults.map { "  - \($0)" }.joined(separator: "\n"))
        }
    }
}
