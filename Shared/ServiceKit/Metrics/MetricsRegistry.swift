package import CoreMetrics
import Synchronization

/// Keeps the numbers of this process and writes them in Prometheus' text format (exposition format 0.0.4).
///
/// Labels must come from a small fixed set (routes, codes, operations), never from clients.
package final class MetricsRegistry: MetricsFactory, Sendable {
    private struct Key: Hashable {
        var name: String
        var labels: String
    }

    private struct State {
        var counters: [Key: PrometheusCounter] = [:]
        var gauges: [Key: PrometheusGauge] = [:]
        var timers: [Key: PrometheusHistogram] = [:]
    }

    private let state = Mutex(State())
    /// Values asked for only when somebody reads the page.
    private let sources = Mutex<[(name: String, help: String, read: @Sendable () -> Double)]>([])

    /// Empty; `Runtime` makes the one of the process and gives it to swift-metrics.
    package init() {}

    /// A value that is read when the page is.
    package func observe(_ name: String, help: String, _ read: @escaping @Sendable () -> Double) {
        sources.withLock { $0.append((name, help, read)) }
    }

    private static func key(_ label: String, _ dimensions: [(String, String)]) -> Key {
        let name = String(label.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" ? $0 : "_" })
        let labels = dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        return Key(name: name, labels: labels)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// A counter; the same one for the same label and dimensions.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { state in
            if let known = state.counters[key] { return known }
            let counter = PrometheusCounter()
            state.counters[key] = counter
            return counter
        }
    }

    /// A gauge, whether it is to aggregate or not; the same one for the same label and dimensions.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { state in
            if let known = state.gauges[key] { return known }
            let gauge = PrometheusGauge()
            state.gauges[key] = gauge
            return gauge
        }
    }

    /// A histogram in seconds; the same one for the same label and dimensions.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { state in
            if let known = state.timers[key] { return known }
            let histogram = PrometheusHistogram()
            state.timers[key] = histogram
            return histogram
        }
    }

    /// Does nothing: what was counted stays on the page.
    package func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing, as `destroyCounter`.
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing, as `destroyCounter`.
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The page.
    package func exposition() -> String {
        var lines: [String] = []
        let snapshot = state.withLock { $0 }
        func emit<Value>(_ values: [Key: Value], _ type: String, _ write: (Key, Value) -> [String]) {
            for (name, group) in Dictionary(grouping: values, by: \.key.name).sorted(by: { $0.key < $1.key }) {
                lines.append("# TYPE \(name) \(type)")
                for (key, value) in group.sorted(by: { $0.key.labels < $1.key.labels }) { lines += write(key, value) }
            }
        }
        func series(_ name: String, _ labels: String, _ value: some CustomStringConvertible) -> String {
            labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)"
        }
        emit(snapshot.counters, "counter") { [series($0.name, $0.labels, $1.value)] }
        emit(snapshot.gauges, "gauge") { [series($0.name, $0.labels, $1.value)] }
        emit(snapshot.timers, "histogram") { key, histogram in
            let reading = histogram.reading
            let prefix = key.labels.isEmpty ? "" : key.labels + ","
            var result = zip(PrometheusHistogram.bounds, reading.cumulative).map {
                series(key.name + "_bucket", prefix + "le=\"\($0)\"", $1)
            }
            result.append(series(key.name + "_bucket", prefix + "le=\"+Inf\"", reading.count))
            result.append(series(key.name + "_sum", key.labels, reading.sum))
            result.append(series(key.name + "_count", key.labels, reading.count))
            return result
        }
        for source in sources.withLock({ $0 }) {
            lines += [
                "# HELP \(source.name) \(source.help)", "# TYPE \(source.name) gauge",
                "\(source.name) \(source.read())",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
