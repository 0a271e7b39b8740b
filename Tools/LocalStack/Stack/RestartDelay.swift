/// How long to wait before starting a process again that died.
///
/// The first wait is short, so that one death is hardly noticed; the following ones double up to a bound, so that a
/// process that cannot live does not take the machine. A process that lived for `forgottenAfter` begins anew.
package struct RestartDelay: Sendable {
    /// The first wait.
    package static let first = Duration.milliseconds(200)
    /// No wait is longer.
    package static let longest = Duration.seconds(5)
    /// A life this long makes earlier deaths count no more.
    package static let forgottenAfter = Duration.seconds(10)

    private var upcoming = RestartDelay.first

    package init() {}

    /// The wait after a life of the given length.
    package mutating func next(afterLife life: Duration) -> Duration {
        if life >= Self.forgottenAfter { upcoming = Self.first }
        let delay = upcoming
        upcoming = min(upcoming * 2, Self.longest)
        return delay
    }
}
