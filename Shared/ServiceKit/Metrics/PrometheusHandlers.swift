import CoreMetrics
import Synchronization

/// A number that only grows.
final class PrometheusCounter: CounterHandler, Sendable {
    private let total = Atomic<Int64>(0)

    var value: Int64 { total.load(ordering: .relaxed) }

    func increment(by amount: Int64) { total.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { total.store(0, ordering: .relaxed) }
}

/// The latest value of something that goes up and down.
final class PrometheusGauge: RecorderHandler, Sendable {
    private let latest = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: latest.load(ordering: .relaxed)) }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { latest.store(value.bitPattern, ordering: .relaxed) }
}

/// Durations, counted in buckets of seconds.
final class PrometheusHistogram: TimerHandler, Sendable {
    static let bounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        var counts = [Int](repeating: 0, count: PrometheusHistogram.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(duration) / 1e9
        state.withLock { state in
            state.count += 1
            state.sum += seconds
            if let index = Self.bounds.firstIndex(where: { seconds <= $0 }) { state.counts[index] += 1 }
        }
    }

    /// Cumulative counts for each bound, and the totals, read at one moment.
    var reading: (cumulative: [Int], count: Int, sum: Double) {
        state.withLock { state in
            var running = 0
            let cumulative = state.counts.map { count in
                running += count
                return running
            }
            return (cumulative, state.count, state.sum)
        }
    }
}
