import Glibc
package import Testing

/// How patient tests are: one factor for every wait and every limit of time.
///
/// It is `TEST_SLACK` where that is a number; else 10 under the thread sanitizer, which makes everything slow, and 1
/// elsewhere.
package enum Slack {
    package static let factor: Int = {
        if let given = environment("TEST_SLACK").flatMap(Int.init), given > 0 { return given }
        return environment("ORDERLINE_SANITIZE") == nil ? 1 : 10
    }()

    /// Whether tests that draw may go on for minutes: `ORDERLINE_LONG=1`.
    package static let isLong = environment("ORDERLINE_LONG") == "1"

    static func environment(_ name: String) -> String? {
        guard let pointer = getenv(name), pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }
}

extension Duration {
    /// As long as a test waits at most for what it expects, if it says nothing else.
    package static let patience = Duration.seconds(20)

    /// This long, on a machine or in a build that is slow longer.
    package var slackened: Duration { self * Slack.factor }
}

extension Trait where Self == TimeLimitTrait {
    /// Ends a test that would else hang. Generous: tests run beside each other, and wait for their turn at the servers.
    package static var bounded: Self { .bounded(minutes: 10) }

    package static func bounded(minutes: Int) -> Self { .timeLimit(.minutes(minutes * Slack.factor)) }
}
