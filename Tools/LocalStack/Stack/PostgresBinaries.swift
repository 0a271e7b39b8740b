internal import Foundation
internal import Glibc

/// The PostgreSQL programs of one installed version.
package struct PostgresBinaries: Sendable, Equatable {
    /// Older servers lack what the schemas use.
    package static let oldestMajor = 14

    package let directory: String
    package let major: Int

    package var server: String { directory + "/postgres" }
    package var initdb: String { directory + "/initdb" }
    package var psql: String { directory + "/psql" }

    /// The version to use: the one an existing cluster was made with, or the newest for a new one.
    ///
    /// - Throws: `StackError` that says which version is missing.
    package static func find(for cluster: String) throws -> PostgresBinaries {
        let installed = Self.installed(
            under: "/usr/lib/postgresql",
            names: (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? [],
            isComplete: { directory in
                ["postgres", "initdb", "psql"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
            })
        let version = (try? String(contentsOfFile: cluster + "/PG_VERSION", encoding: .utf8))
            .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        guard let chosen = choose(from: installed, cluster: version) else {
            if let version {
                throw StackError(
                    "\(cluster) was made with PostgreSQL \(version), which is not installed"
                        + " (apt-get install postgresql-\(version))."
                )
            }
            throw StackError("PostgreSQL \(oldestMajor) or newer is not installed (apt-get install postgresql).")
        }
        return chosen
    }

    /// The usable ones among the version directories of Debian's and Ubuntu's packages.
    package static func installed(
        under root: String, names: [String], isComplete: (String) -> Bool
    ) -> [PostgresBinaries] {
        names.compactMap { name in
            guard let major = Int(name) else { return nil }
            let directory = "\(root)/\(name)/bin"
            return isComplete(directory) ? PostgresBinaries(directory: directory, major: major) : nil
        }
    }

    /// A cluster is served by its own version only.
    package static func choose(from installed: [PostgresBinaries], cluster: Int?) -> PostgresBinaries? {
        if let cluster { return installed.first { $0.major == cluster } }
        return installed.filter { $0.major >= oldestMajor }.max { $0.major < $1.major }
    }
}
