internal import Histogram

/// Times that something took, in microseconds up to a minute.
struct Latencies {
    private static let longest: UInt64 = 60_000_000

    private var histogram = Histogram<UInt32>(
        highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .three)

    mutating func record(nanoseconds: UInt64) {
        histogram.record(min(nanoseconds / 1000, Self.longest))
    }

    /// In milliseconds.
    var json: String {
        let points = [("p50", 50.0), ("p90", 90), ("p99", 99), ("p999", 99.9)].map { name, percentile in
            "\"\(name)\":\(Double(histogram.valueAtPercentile(percentile)) / 1000)"
        }
        let longest = histogram.totalCount == 0 ? 0 : histogram.max
        return "{\(points.joined(separator: ",")),\"max\":\(Double(longest) / 1000),\"count\":\(histogram.totalCount)}"
    }
}
