internal import Foundation

/// Where this program finds the services' executables and the project's files.
package struct ProgramPlace: Sendable {
    /// Absolute.
    package let project: String
    /// Absolute.
    package let executables: String

    /// - Parameters:
    ///   - project: as given on the command line; otherwise the nearest directory above this program, or else the
    /// current one.
    ///   - executables: as given on the command line; otherwise this program's directory.
    package init(project: String?, executables: String?) {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        self.executables = executables.map { URL(fileURLWithPath: $0).standardizedFileURL.path } ?? own.path
        if let project {
            self.project = URL(fileURLWithPath: project).standardizedFileURL.path
        } else {
            self.project = Self.above(own.path) ?? FileManager.default.currentDirectoryPath
        }
    }

    private static func above(_ start: String) -> String? {
        var directory = URL(fileURLWithPath: start)
        while directory.path != "/" {
            if FileManager.default.fileExists(atPath: directory.path + "/Deploy/postgres-init.sql") {
                return directory.path
            }
            directory = directory.deletingLastPathComponent()
        }
        return nil
    }
}
