/// How long to wait before asking again.
enum BackOff {
    /// Doubling from a quarter of a second to half a minute, half of it by chance, so that not all come back at once.
    /// - Parameter attempt: from 0 on.
    static func wait(_ attempt: Int) -> Duration {
        let longest = min(30.0, 0.25 * Double(1 << min(attempt, 10)))
        return .seconds(longest * Double.random(in: 0.5...1))
    }
}
