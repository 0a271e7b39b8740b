import Synchronization
package import Testing

/// A generator whose numbers are the same for the same seed (SplitMix64), in every run and on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// With the seed of the running test, which has the trait `.seeded`; a second one in the same test draws others.
    package init() {
        let draws = Seeded.draws
        if draws == nil { Issue.record("a test that draws numbers needs the trait .seeded, which tells the seed") }
        self.init(seed: draws?.next() ?? 0)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Trait where Self == Seeded {
    /// The test draws numbers from a seed of its own, new in every run or `TEST_SEED`; when it fails, it tells the
    /// seed.
    package static var seeded: Self { Seeded() }
}

package struct Seeded: TestTrait, SuiteTrait, TestScoping {
    @TaskLocal fileprivate static var draws: Draws?

    package var isRecursive: Bool { true }

    @concurrent package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let seed = Slack.environment("TEST_SEED").flatMap { UInt64($0) } ?? .random(in: 0...999_999_999)
        let told: Comment = "the same numbers come with TEST_SEED=\(seed)"
        let telling: IssueHandlingTrait = .compactMapIssues { issue in
            var issue = issue
            issue.comments.append(told)
            return issue
        }
        try await Self.$draws.withValue(Draws(seed: seed)) {
            do {
                try await telling.provideScope(for: test, testCase: testCase, performing: function)
            } catch {
                Issue.record(told)
                throw error
            }
        }
    }
}

/// The seeds of the generators of one test, all from one.
private final class Draws: Sendable {
    private let seed: UInt64
    private let count = Mutex<UInt64>(0)

    init(seed: UInt64) { self.seed = seed }

    func next() -> UInt64 {
        count.withLock { count in
            defer { count += 1 }
            return seed &+ count << 32
        }
    }
}
