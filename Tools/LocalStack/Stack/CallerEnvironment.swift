internal import Foundation

/// The settings that whoever started the stack gave.
package enum CallerEnvironment {
    /// Addresses that a `.env` holds for containers; on this machine the stack brings its own servers.
    private static let onlyFromProcess: Set<String> = ["AUTH_DATABASE_URL", "ORDERS_DATABASE_URL", "CHAT_DATABASE_URL"]

    /// What data that were made with another value cannot be used with.
    private static let boundToData: Set<String> = ["JWT_SECRET", "ADMIN_PASSWORD"]

    /// The process's environment before the file's variables; empty values count as absent, and the files that
    /// variables name are made absolute because the services run elsewhere.
    ///
    /// - Parameter made: the secrets that the data were made with. They count before the file, which may hold others
    ///   for containers; the environment counts before both.
    package static func merged(
        process: [String: String], file: [String: String], made: [String: String] = [:]
    ) -> [String: String] {
        let usable = file.filter { name, value in
            let secret = name.hasSuffix("_FILE") ? String(name.dropLast(5)) : name
            let isMade = boundToData.contains(secret) && !made[secret, default: ""].isEmpty
            return !onlyFromProcess.contains(secret) && !isMade && !value.isEmpty
        }
        var variables = usable.merging(process.filter { !$0.value.isEmpty }) { _, process in process }
        for name in ["TLS_CERT", "TLS_KEY"] {
            variables[name] = variables[name].map { URL(fileURLWithPath: $0).path }
        }
        return variables
    }

    /// What the services may be given in a file, which they themselves need not be able to read.
    private static let secrets = ["JWT_SECRET", "ADMIN_PASSWORD"] + onlyFromProcess.sorted()

    /// The variables with each secret in the place of the file that `<NAME>_FILE` names.
    ///
    /// - Throws: `StackError` when both are given, or the file cannot be read or holds nothing.
    package static func readingFiles(_ variables: [String: String]) throws -> [String: String] {
        var read = variables
        for name in secrets {
            guard let path = read.removeValue(forKey: name + "_FILE") else { continue }
            guard read[name] == nil else { throw StackError("\(name) and \(name)_FILE are both set: set one of them.") }
            guard let contents = try WholeFile.read(path) else {
                throw StackError("\(name)_FILE: there is no \(path).")
            }
            let text = contents.text.last?.isNewline == true ? String(contents.text.dropLast()) : contents.text
            guard !text.isEmpty else { throw StackError("\(name)_FILE: \(path) is empty.") }
            read[name] = text
        }
        return read
    }
}
