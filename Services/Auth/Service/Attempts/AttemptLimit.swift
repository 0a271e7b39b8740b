/// How many wrong attempts are let pass, and how long one has to wait for each that follows. Times are in seconds.
package struct AttemptLimit: Sendable, Equatable {
    /// Wrong attempts that nobody has to wait for, within `window` of the first of them.
    package var allowed: Int
    package var window: Int64
    /// The wait after the last that was let pass; it doubles with each further one, up to `longestDelay`.
    package var firstDelay: Int64
    package var longestDelay: Int64
    /// After so long without a wrong attempt, one who had to wait begins anew.
    package var memory: Int64

    package init(allowed: Int, window: Int64, firstDelay: Int64, longestDelay: Int64, memory: Int64) {
        self.allowed = allowed
        self.window = window
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.memory = memory
    }

    /// For one account. Whoever guesses without end has about a hundred guesses a day.
    package static let account = AttemptLimit(
        allowed: 10, window: 900, firstDelay: 30, longestDelay: 900, memory: 86_400)
    /// For all accounts from one network, behind which may be a whole office.
    package static let network = AttemptLimit(
        allowed: 200, window: 900, firstDelay: 30, longestDelay: 900, memory: 3600)

    /// The wait after so many wrong attempts, of which `allowed` have been reached.
    func delay(after failures: Int) -> Int64 {
        min(longestDelay, firstDelay << Int64(min(max(0, failures - allowed), 20)))
    }
}
