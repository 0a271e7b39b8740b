/// The settings that there are: those that `.env.example` names, set or commented out.
package struct SettingNames: Sendable, Equatable {
    package let all: Set<String>

    package init(_ all: Set<String>) { self.all = all }

    /// - Parameter example: the text of `.env.example`.
    package init(example: String) {
        all = Set(
            example.split(whereSeparator: \.isNewline).compactMap { line in line.firstMatch(of: /^#?([A-Z][A-Z0-9_]*)=/)
            }
            .map { String($0.1) })
    }

    /// - Parameter project: the project's directory.
    /// - Throws: `StackError` when the file is missing: no setting would reach a service then.
    package static func read(project: String) throws -> SettingNames {
        let path = project + "/.env.example"
        guard let contents = try WholeFile.read(path) else {
            throw StackError("\(path) is missing, which names the settings of the services.")
        }
        return SettingNames(example: contents.text)
    }
}
