import Threads

extension DatabaseError {
    /// What the system is short of, as an error of the database's: there is no connection without a thread and its
    /// descriptors.
    static func wrapping<R>(_ body: () throws(SystemShortage) -> R) throws(DatabaseError) -> R {
        do { return try body() } catch { throw DatabaseError(.unavailable, "\(error) for a connection") }
    }
}
