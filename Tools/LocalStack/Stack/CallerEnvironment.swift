internal import Foundation

/// The settings that whoever started the stack gave.
package enum CallerEnvironment {
    /// Addresses that a `.env` holds for containers; on this machine the stack brings its own servers.
    private static let onlyFromProcess: Set<String> = ["AUTH_DATABASE_URL", "ORDERS_DATABASE_URL", "CHAT_DATABASE_URL"]

    /// The process's environment before the file's variables; empty values count as absent, and the files that
    /// variables name are made absolute because the services run elsewhere.
    package static func merged(process: [String: String], file: [String: String]) -> [String: String] {
        let usable = file.filter { !onlyFromProcess.contains($0.key) && !$0.value.isEmpty }
        var variables = usable.merging(process.filter { !$0.value.isEmpty }) { _, process in process }
        for name in ["TLS_CERT", "TLS_KEY"] {
            variables[name] = variables[name].map { URL(fileURLWithPath: $0).path }
        }
        return variables
    }
}
