import CoreMetrics
import Logging
import Synchronization
import TestKit
import Testing

@testable import ServiceKit

@Suite(.bounded)
struct HealthRegistryTests {
    @Test("Ready is who has no failing part; failing parts are named with their reason, in order")
    func failures() async {
        let health = HealthRegistry()
        #expect(await health.failures().isEmpty)
        let isUp = Mutex(false)
        health.add("nats") { isUp.withLock { $0 } ? nil : "not connected" }
        health.add("disk") { nil }
        health.add("database") { isUp.withLock { $0 } ? nil : "not answering" }
        #expect(
            await health.failures().map { "\($0.part): \($0.reason)" } == [
                "nats: not connected", "database: not answering",
            ])
        isUp.withLock { $0 = true }
        #expect(await health.failures().isEmpty)
    }

    @Test("A process that leaves is not ready, however well its parts are")
    func leaving() async {
        let health = HealthRegistry()
        health.add("disk") { nil }
        health.beginLeaving()
        #expect(await health.failures().map(\.part) == ["process"])
    }
}

struct MetricsRegistryTests {
    @Test("Counters and gauges are written in Prometheus' text format, sorted, with their type")
    func numbers() {
        let registry = MetricsRegistry()
        let counter = Counter(
            label: "requests.total", dimensions: [("route", "/b"), ("code", "200")], factory: registry)
        counter.increment(by: 2)
        // The same name and labels are the same series, in whatever order the labels are given.
        Counter(label: "requests.total", dimensions: [("code", "200"), ("route", "/b")], factory: registry).increment()
        Counter(label: "requests.total", dimensions: [("code", "404"), ("route", "/a")], factory: registry).increment()
        Gauge(label: "sockets", dimensions: [], factory: registry).record(3)
        registry.observe("rooms", help: "Rooms open.") { 4 }
        #expect(
            registry.exposition() == """
                # TYPE requests_total counter
                requests_total{code="200",route="/b"} 3
                requests_total{code="404",route="/a"} 1
                # TYPE sockets gauge
                sockets 3.0
                # HELP rooms Rooms open.
                # TYPE rooms gauge
                rooms 4.0

                """)
    }

    @Test("A label's value cannot leave its quotes or its line")
    func escaping() {
        let registry = MetricsRegistry()
        Counter(label: "c", dimensions: [("l", "a\"b\\c\nd")], factory: registry).increment()
        #expect(registry.exposition() == "# TYPE c counter\nc{l=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test("Durations are counted in cumulative buckets of seconds, with their sum and count")
    func histogram() {
        let registry = MetricsRegistry()
        let timer = Timer(label: "wait", dimensions: [("op", "x")], factory: registry)
        for milliseconds in [1, 20, 20, 60_000] { timer.recordMilliseconds(Int64(milliseconds)) }
        let lines = registry.exposition().split(separator: "\n")
        #expect(lines.first == "# TYPE wait histogram")
        #expect(lines.contains(#"wait_bucket{op="x",le="0.001"} 1"#))
        #expect(lines.contains(#"wait_bucket{op="x",le="0.01"} 1"#))
        #expect(lines.contains(#"wait_bucket{op="x",le="0.025"} 3"#))
        #expect(lines.contains(#"wait_bucket{op="x",le="10.0"} 3"#))
        #expect(lines.contains(#"wait_bucket{op="x",le="+Inf"} 4"#))
        #expect(lines.contains(#"wait_count{op="x"} 4"#))
        #expect(lines.last?.hasPrefix(#"wait_count"#) ?? false)
    }
}
