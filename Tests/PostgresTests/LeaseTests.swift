import TestKit
import Testing

@testable import Postgres

@Suite("Leases", .bounded)
struct LeaseTests {
    @Test("Of two one leads; when its connection ends it knows at once, and the other leads")
    func oneLeads() async throws {
        try await TestDatabase.with { test in
            let leases = (0..<2).map { _ in Lease("work") }
            let terms = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lease in leases {
                    group.addTask {
                        while !Task.isCancelled {
                            try? await test.database.withLease(lease) { _ in
                                terms.increment()
                                // Word of the end of the other's session is on its way to it.
                                try await eventually("one believes that it leads") {
                                    leases.count { $0.isHeld } == 1
                                }
                                try await Task.sleep(for: .seconds(60))
                            }
                        }
                    }
                }
                try await eventually("one leads") { leases.contains { $0.isHeld } }
                for round in 1...3 {
                    try await test.admin.withConnection { session in
                        _ = try session.execute(
                            """
                            select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
                            and database = (select oid from pg_database where datname = current_database())
                            """)
                    }
                    try await eventually("another term begins") { terms.value > round }
                }
                group.cancelAll()
            }
        }
    }

    @Test("Who says nothing for longer than the server waits loses the lock, and does not believe that it leads")
    func silent() async throws {
        try await TestDatabase.with { test in
            let began = ContinuousClock.now
            // A holder that is frozen: it has the lock and says nothing more.
            try await test.database.withDedicatedConnection(idleTimeout: Lease.serverPatience) { frozen in
                _ = try await frozen.run { try $0.execute("select pg_advisory_lock(\(advisoryKey("work")))") }
                let lease = Lease("work")
                try await test.database.withLease(lease) { _ in
                    #expect(lease.isHeld)
                }
                #expect(ContinuousClock.now - began > .seconds(5), "the lock was free before its time")
                await #expect(throws: DatabaseError.self) { try await frozen.run { try $0.execute("select 1") } }
            }
            #expect(ContinuousClock.now - began < .seconds(15).slackened)
        }
    }

    @Test("When the work ends, so does the lead; what it throws is thrown")
    func ends() async throws {
        try await TestDatabase.with { test in
            let lease = Lease("work")
            await #expect(throws: TestFailure.self) {
                try await test.database.withLease(lease) { _ in throw TestFailure("no") }
            }
            #expect(!lease.isHeld)
            try await test.database.withLease(lease) { _ in }
            #expect(!lease.isHeld)
        }
    }
}
