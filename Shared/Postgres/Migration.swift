/// One step of a schema: SQL statements that are executed once, in order, in one transaction of their own.
///
/// What PostgreSQL refuses in a transaction (`create index concurrently`) cannot be in one, nor can COMMIT.
package struct Migration: Sendable, Hashable {
    /// From 1, without gaps.
    package let version: Int
    /// The words of the file's name, for the log and for errors.
    package let name: String
    /// One or more statements, executed as they stand: names without a schema mean the service's own.
    package let sql: String

    /// For tests; a service's come from files.
    /// - Parameter version: from 1 upward.
    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// From a file embedded in the executable: `V0001_create_orders.sql` is version 1, `create_orders`.
    package init(fileName: String, contents: [UInt8]) throws(MigrationError) {
        let stem = fileName.hasSuffix(".sql") ? fileName.dropLast(4) : ""
        let digits = stem.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(1 + digits.count)
        guard stem.first == "V", let version = Int(digits), version > 0, rest.first == "_", rest.count > 1 else {
            throw MigrationError.invalidFileName(fileName)
        }
        guard let sql = String(validating: contents, as: UTF8.self), !sql.utf8.contains(0) else {
            throw MigrationError.notText(fileName)
        }
        self.init(version: version, name: String(rest.dropFirst()), sql: sql)
    }

    /// SHA-256 of the SQL, in hexadecimal: what tells that an applied migration was changed afterwards.
    package var checksum: String {
        Digest.sha256(of: sql).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
