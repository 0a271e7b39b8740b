/// Why a schema is not brought, or not used, as it is.
package enum MigrationError: Error, Sendable {
    /// Not `V0001_name.sql`.
    case invalidFileName(String)
    /// Not UTF-8, or with a NUL in it.
    case notText(String)
    /// Two migrations of the program have this version.
    case duplicate(version: Int)
    /// The program, or the database, lacks this version below others that it has.
    case gap(missing: Int)
    /// The migration was changed after it had been applied.
    case changed(version: Int, name: String)
    /// The database has migrations this program does not know.
    case newer(database: Int, program: Int)
    /// These versions are not applied: `verify` found so, or this role may not apply them.
    case pending([Int])
    /// Another process was migrating the schema for too long.
    case lockTimeout(schema: String)
    /// The migration failed and was rolled back; those before it stay. When the cause is `.commitOutcomeUnknown`, it
    /// may also have been applied: the next `migrate` finds out.
    case failed(version: Int, name: String, cause: DatabaseError)
}

extension MigrationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidFileName(let name): "\(name) is not a migration's file name, which is like V0001_create_orders.sql"
        case .notText(let name): "\(name) is not UTF-8 text"
        case .duplicate(let version): "two migrations have version \(version)"
        case .gap(let missing): "migration \(missing) is missing below later ones"
        case .changed(let version, let name): "migration \(version) (\(name)) was changed after it had been applied"
        case .newer(let database, let program):
            "the database is at version \(database), newer than this program, which knows \(program)"
        case .pending(let versions):
            "migrations \(versions.map(String.init).joined(separator: ", ")) are not applied; `migrate` does, as the schema's owner"
        case .lockTimeout(let schema): "another process has been migrating the schema \(schema) for too long"
        case .failed(let version, let name, let cause) where cause.code == .commitOutcomeUnknown:
            "migration \(version) (\(name)) was applied or rolled back, which is not known: \(cause)"
        case .failed(let version, let name, let cause):
            "migration \(version) (\(name)) failed and was rolled back: \(cause)"
        }
    }
}
