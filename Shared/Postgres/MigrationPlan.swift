/// Decides what is to be applied, from what the program has and what the database says was applied.
struct MigrationPlan {
    /// A row of `schema_migrations`.
    struct Applied {
        var version: Int
        var name: String
        var checksum: String
    }

    /// In the order of their versions.
    let migrations: [Migration]

    /// Throws unless the versions are 1, 2, 3 … in any order.
    init(_ migrations: [Migration]) throws(MigrationError) {
        self.migrations = migrations.sorted { $0.version < $1.version }
        for (index, migration) in self.migrations.enumerated() where migration.version != index + 1 {
            throw migration.version == index ? .duplicate(version: index) : .gap(missing: index + 1)
        }
    }

    /// What is to be applied. `applied` in the order of versions.
    func pending(after applied: [Applied]) throws(MigrationError) -> [Migration] {
        for (index, row) in applied.enumerated() {
            guard row.version <= migrations.count else {
                throw .newer(database: applied.last?.version ?? row.version, program: migrations.count)
            }
            guard row.version == index + 1 else { throw .gap(missing: index + 1) }
            guard row.checksum == migrations[index].checksum else {
                throw .changed(version: row.version, name: row.name)
            }
        }
        return Array(migrations[applied.count...])
    }
}
