import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Counts requests and how long they take, by method, route and status.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        var method: HTTPRequest.Method
        /// The route's pattern, never the path: labels must be few.
        var route: String
        var status: Int
    }

    /// Made once each, because finding one by its labels takes longer than answering a small request. Bounded by the
    /// routes, and by what methods the router answers.
    private let timers = Mutex<[Key: Metrics.Timer]>([:])
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) { self.factory = factory }

    func record(
        _ duration: Duration, _ method: HTTPRequest.Method, _ status: HTTPResponse.Status, route: String?
    ) {
        let key = Key(
            method: route == nil ? .get : method, route: route ?? "none", status: status.code)
        let timer = timers.withLock { timers in
            if let known = timers[key] { return known }
            let dimensions = [
                ("method", route == nil ? "any" : key.method.rawValue), ("route", key.route),
                ("status", String(key.status)),
            ]
            let timer = Metrics.Timer(label: "orderline_http_request_seconds", dimensions: dimensions, factory: factory)
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
