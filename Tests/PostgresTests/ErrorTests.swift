import Postgres
import TestKit
import Testing

@Suite("Errors of the server", .bounded)
struct ErrorTests {
    /// A statement and what it fails with, on the tables of `prepare`.
    private static let cases: [(statement: String, state: SQLState)] = [
        ("insert into child values (1, 1, 5)", .uniqueViolation),
        ("insert into child values (2, 9, 5)", .foreignKeyViolation),
        ("insert into child values (2, 1, -5)", .checkViolation),
        ("insert into child values (2, 1, null)", .notNullViolation),
        ("insert into booking values (int4range(2, 4))", .exclusionViolation),
        ("select * from nowhere", .undefinedTable),
        ("select nothing from child", .undefinedColumn),
        ("select nothing()", .undefinedFunction),
        ("selec 1", .syntaxError),
        ("select 1; select 2", .syntaxError),
        ("select 1 / (select 0)", .divisionByZero),
        ("select 'secret'::uuid", .invalidTextRepresentation),
        ("select 99999999999::integer", .numericValueOutOfRange),
        ("select '2026-02-31'::timestamptz", .datetimeFieldOverflow),
        ("create table child ()", .duplicateTable),
        ("do $$ begin raise exception 'no'; end $$", .raiseException),
        ("select pg_sleep(9)", .queryCanceled),
        ("lock table held", .lockNotAvailable),
        ("vacuum; ", .activeSQLTransaction),
    ]

    private func prepare(_ database: Database) async throws {
        try await database.withTransaction { session in
            try session.executeScript(
                """
                create table parent (id integer primary key);
                create table child (
                    id integer constraint child_key primary key,
                    parent integer constraint child_parent references parent,
                    amount integer not null constraint child_amount check (amount > 0)
                );
                create table booking (span int4range, constraint booking_overlap exclude using gist (span with &&));
                create table held ();
                insert into parent values (1);
                insert into child values (1, 1, 5);
                insert into booking values (int4range(1, 3));
                """)
        }
    }

    @Test("Each kind of failure has its SQLSTATE, in and outside transactions, and leaves the connection in use")
    func states() async throws {
        try await TestDatabase.with({
            $0.statementTimeout = .milliseconds(700)
            $0.lockTimeout = .milliseconds(200)
            $0.poolSize = 1
        }) { test in
            try await prepare(test.admin)
            try await holding("lock table held", on: test.admin) {
                for (statement, state) in ErrorTests.cases {
                    let sql = SQL(unsafe: statement)
                    let inside = try await databaseError {
                        try await test.database.withTransaction { try $0.execute(sql) }
                    }
                    #expect(inside.code == .server(state), "\(statement): \(inside)")
                    guard state != .activeSQLTransaction, state != .lockNotAvailable else { continue }
                    let outside = try await databaseError {
                        try await test.database.withConnection { try $0.execute(sql) }
                    }
                    #expect(outside.code == .server(state), "\(statement): \(outside)")
                    #expect(outside.sqlState == state && outside.statementIndex == nil)
                }
            }
            #expect(test.database.statistics.open == 1)
            #expect(test.database.statistics.lost == 0)
        }
    }

    @Test("A violated constraint is told by its name")
    func constraints() async throws {
        try await TestDatabase.with { test in
            try await prepare(test.admin)
            func failure(_ sql: SQL) async throws -> DatabaseError {
                try await databaseError { try await test.database.withConnection { try $0.execute(sql) } }
            }
            #expect(try await failure("insert into child values (1, 1, 5)").isUnique(constraint: "child_key"))
            #expect(try await !failure("insert into child values (1, 1, 5)").isUnique(constraint: "parent_key"))
            #expect(
                try await failure("insert into child values (2, 9, 5)").isViolation(
                    of: .foreignKeyViolation, "child_parent"))
            #expect(
                try await failure("insert into child values (2, 1, 0)").isViolation(of: .checkViolation, "child_amount")
            )
            let missing = try await failure("insert into child values (2, 1, null)")
            #expect(
                missing.fault?.column == "amount")
        }
    }

    @Test("A deferred constraint fails at COMMIT, and without a transaction at the statement's end")
    func deferred() async throws {
        try await TestDatabase.with { test in
            try await test.admin.withConnection { session in
                try session.executeScript(
                    """
                    create table parent (id integer primary key);
                    create table child (
                        parent integer constraint child_parent references parent deferrable initially deferred
                    );
                    """)
            }
            let outside = try await databaseError {
                try await test.database.withConnection { try $0.execute("insert into child values (1)") }
            }
            #expect(outside.isViolation(of: .foreignKeyViolation, "child_parent"))
            let inside = try await databaseError {
                try await test.database.withTransaction { try $0.execute("insert into child values (1)").affected }
            }
            #expect(inside.isViolation(of: .foreignKeyViolation, "child_parent"))
            let atOnce = try await databaseError {
                try await test.database.withTransaction {
                    try $0.executeAndCommit("insert into child values (1)").affected
                }
            }
            #expect(atOnce.isViolation(of: .foreignKeyViolation, "child_parent"))
            #expect(atOnce.statementIndex == nil)
            let count = try await test.database.withConnection {
                try $0.first("select count(*) from child")?[0, as: Int.self]
            }
            #expect(count == 0)
            #expect(test.database.statistics.lost == 0)
        }
    }

    @Test("No value shows in the description of an error")
    func discretion() async throws {
        try await TestDatabase.with { test in
            try await test.database.withConnection { try $0.execute("create table t (id text primary key)") }
            try await test.database.withConnection { try $0.execute("insert into t values (\("hunter2"))") }
            let statements: [SQL] = [
                "insert into t values (\("hunter2"))", "select \("hunter2")::uuid", "select \("hunter2")::integer",
                "select \("hunter2")::jsonb", "select \("hunter2")::timestamptz",
            ]
            for statement in statements {
                let error = try await databaseError {
                    try await test.database.withConnection { try $0.execute(statement) }
                }
                #expect(
                    !"\(error) \(String(reflecting: error)) \(error.message)".contains("hunter2"), "\(statement.text)")
            }
        }
    }
}

extension DatabaseError {
    /// A breach of `constraint`, of the kind that `state` names.
    fileprivate func isViolation(of state: SQLState, _ constraint: String) -> Bool {
        code == .server(state) && self.constraint == constraint
    }
}
