package import Postgres
package import Primitives

/// The table `people` of a schema: names of users as the auth service has told them, for services that show names and
/// own none.
///
/// Version 0 is what a token said before any event came.
package enum People {
    /// Remembers people not known yet; what the auth service has told stays.
    package static func remember(_ people: [(id: Identifier, name: String)]) -> SQL {
        """
        insert into people (id, name) select distinct on (id) id, name
        from unnest(\(people.map(\.id))::uuid[], \(people.map(\.name))::text[]) as new(id, name) order by id
        on conflict (id) do nothing
        """
    }

    /// Takes what the auth service tells; an older telling changes nothing.
    package static func update(_ id: Identifier, name: String, version: Int) -> SQL {
        """
        insert into people (id, name, version) values (\(id), \(name), \(version))
        on conflict (id) do update set name = excluded.name, version = excluded.version where people.version < excluded.version
        """
    }
}
