import TestKit
import Testing

@testable import Postgres

@Suite("Pipelines and prepared statements", .bounded)
struct PipelineTests {
    private func withTable<R: Sendable>(_ body: (TestDatabase) async throws -> R) async throws -> R {
        try await TestDatabase.with({ $0.poolSize = 1 }) { test in
            try await test.admin.withConnection { try $0.execute("create table t (id integer primary key)") }
            return try await body(test)
        }
    }

    private func prepared(_ session: DatabaseSession) throws -> Int {
        try session.first("select count(*) from pg_prepared_statements")?[0, as: Int.self] ?? -1
    }

    @Test("A pipeline's results come in the order of its statements")
    func order() async throws {
        try await withTable { test in
            let values = try await test.database.withConnection { session in
                try session.pipeline((0..<300).map { "select \($0)::integer" }).map { try $0.first?[0, as: Int.self] }
            }
            #expect(values == Array(0..<300))
        }
    }

    @Test("A pipeline far larger than the socket's buffers, in both directions, does not lock up")
    func large() async throws {
        try await withTable { test in
            let text = String(repeating: "x", count: 1_000_000)
            let sizes = try await test.database.withConnection { session in
                try session.pipeline((0..<20).map { _ in "select \(text)::text" }).map {
                    try $0.first?[0, as: String.self].utf8.count
                }
            }
            #expect(sizes == Array(repeating: 1_000_000, count: 20))
        }
    }

    @Test("The first error names its statement; without a transaction nothing of the pipeline stays")
    func failure() async throws {
        try await withTable { test in
            let outside = try await databaseError {
                try await test.database.withConnection { session in
                    try session.pipeline((0..<9).map { "insert into t values (\($0 % 5))" }).count
                }
            }
            #expect(outside.isUnique(constraint: "t_pkey") && outside.statementIndex == 5)
            let inside = try await databaseError {
                try await test.database.withTransaction { session in
                    try session.execute("insert into t values (4)")
                    return try session.pipeline((0..<9).map { "insert into t values (\($0))" }).count
                }
            }
            #expect(inside.isUnique(constraint: "t_pkey") && inside.statementIndex == 4)
            let unparsable = try await databaseError {
                try await test.database.withTransaction {
                    try $0.pipeline(["select 1", "select 2", "selec 3", "select 4"]).count
                }
            }
            #expect(unparsable.code == .server(.syntaxError) && unparsable.statementIndex == 2)
            let refused = try await databaseError {
                try await test.database.withTransaction {
                    try $0.pipeline(["select 1", "select \("a\0")::text"]).count
                }
            }
            #expect(refused.code == .invalidParameter)
            let count = try await test.database.withConnection {
                try $0.first("select count(*) from t")?[0, as: Int.self]
            }
            #expect(count == 0 && test.database.statistics.lost == 0)
        }
    }

    @Test("A statement is prepared once, by its text")
    func prepareOnce() async throws {
        try await withTable { test in
            try await test.database.withConnection { session in
                let before = try prepared(session)
                for number in 0..<20 { try session.execute("select \(number)::integer + 1") }
                _ = try session.pipeline((0..<20).map { "select \($0)::integer + 1" })
                #expect(try prepared(session) == before + 1)
            }
        }
    }

    @Test("At most 256 statements stay prepared, the least recently used giving way")
    func cacheBound() async throws {
        try await withTable { test in
            try await test.database.withConnection { session in
                for number in 0..<600 {
                    #expect(try session.first("select \(unsafe: String(number))")?[0, as: Int.self] == number)
                    try session.execute("select 'always used'")
                }
                #expect(try prepared(session) == 256)
                let kept = try session.first(
                    "select count(*) from pg_prepared_statements where statement = 'select ''always used'''")
                #expect(try kept?[0, as: Int.self] == 1)
                let values = try session.pipeline((0..<400).map { "select \(unsafe: String($0)) + 0" }).map {
                    try $0.first?[0, as: Int.self]
                }
                #expect(values == Array(0..<400))
                _ = try session.execute("select 'one more'")
                #expect(try prepared(session) <= 257)
            }
            // A full cache stands in no transaction's way, not even a failed one's.
            for number in 0..<300 {
                _ = try? await test.database.withTransaction { session in
                    try session.execute("select 'new' || \(unsafe: String(number))")
                    try session.execute("selec")
                }
            }
            #expect(try await test.database.withTransaction { try $0.first("select 7")?[0, as: Int.self] } == 7)
            #expect(test.database.statistics.lost == 0)
        }
    }

    @Test("A statement whose result changed its type is prepared anew, in and outside transactions")
    func stalePlan() async throws {
        try await withTable { test in
            for change in ["add column a integer", "drop column a", "add column b text", "alter column id type bigint"]
            {
                let select: SQL = "select * from t"
                try await test.database.withConnection { try $0.execute(select).count }
                try await test.database.withTransaction { try $0.execute(select).count }
                try await test.admin.withConnection { try $0.execute("alter table t \(unsafe: change)") }
                try await test.database.withConnection { try $0.execute(select).count }
                try await test.admin.withConnection { try $0.execute("alter table t add column c integer") }
                try await test.database.withTransaction { session in
                    try session.execute("select 1")
                    try session.execute(select)
                }
                try await test.admin.withConnection { try $0.execute("alter table t drop column c") }
            }
            try await test.database.withConnection { session in
                try session.execute("deallocate all")
                try session.execute("select * from t")
            }
            try await test.database.withConnection { try $0.execute("select 'another'").count }
            try await test.database.withTransaction { try $0.execute("select * from t").count }
            #expect(test.database.statistics.lost == 0)
        }
    }

    @Test("COPY is refused, and costs no more than the connection")
    func copy() async throws {
        try await withTable { test in
            for isScript in [false, true] {
                let error = try await databaseError {
                    try await test.database.withConnection { session in
                        if isScript {
                            try session.executeScript("copy t from stdin")
                        } else {
                            try session.execute("copy t to stdout")
                        }
                    }
                }
                #expect(error.code == .misuse || error.sqlState != nil, "\(error)")
                #expect(try await test.database.withConnection { try $0.first("select 1")?[0, as: Int.self] } == 1)
            }
        }
    }

    @Test("An empty statement has no rows")
    func empty() async throws {
        try await withTable { test in
            let rows = try await test.database.withConnection { try $0.execute("") }
            #expect(rows.count == 0 && rows.affected == 0)
        }
    }

    @Test("A script's statements are executed in one transaction, and its first error is thrown")
    func script() async throws {
        try await withTable { test in
            try await test.database.withConnection {
                try $0.executeScript("insert into t values (1); insert into t values (2)")
            }
            let error = try await databaseError {
                try await test.database.withConnection {
                    try $0.executeScript("insert into t values (3); insert into t values (1)")
                }
            }
            #expect(error.isUnique(constraint: "t_pkey"))
            let ids = try await test.database.withTransaction { session in
                try session.executeScript("insert into t values (4); select 1")
                return try session.execute("select id from t order by id").map { try $0[0, as: Int.self] }
            }
            #expect(ids == [1, 2, 4])
        }
    }

    @Test("The least recently used statements give way first")
    func victims() {
        var cache = StatementCache()
        for number in 0..<StatementCache.bound {
            let text = "select \(number)"
            #expect(cache.name(of: text) == nil)
            cache.insert(text, name: cache.makeName())
        }
        #expect(cache.victims(before: 0) == [])
        #expect(cache.name(of: "select 0") == "s1")
        #expect(cache.victims(before: 1) == ["select 1"])
        #expect(cache.victims(before: 2) == ["select 1", "select 2"])
        cache.remove(name: "s2")
        #expect(cache.victims(before: 1) == [])
        cache.invalidate("select 5")
        #expect(cache.stale == ["s6"])
        #expect(cache.name(of: "select 5") == nil && cache.name(of: "select 6") == "s7")
        cache.remove(name: "s6")
        #expect(cache.stale == [])
    }
}
