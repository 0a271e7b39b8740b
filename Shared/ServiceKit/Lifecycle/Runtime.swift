import HTTPServer
package import Logging
import Logs
import Metrics
import NIOPosix
package import ServiceLifecycle
package import Threads
import UnixSignals

/// What every process has: a logger, numbers, health, and the group of its long-running parts.
package struct Runtime: Sendable {
    package let name: String
    /// For the process's own lines, to standard error.
    package let logger: Logger
    /// What `/metrics` of the operator's port shows.
    package let metrics: MetricsRegistry
    /// What `/health/ready` asks.
    package let health: HealthRegistry
    /// What concerns security, beside the process's own lines.
    package let security: SecurityLog
    private let configuration: RuntimeConfiguration

    /// Changes nothing outside of itself, so that a test may make as many as it likes.
    package init(name: String, configuration: RuntimeConfiguration) {
        self.name = name
        self.configuration = configuration
        let (level, format) = (configuration.logLevel, configuration.logFormat)
        logger = Logger(label: name) { LineLogHandler(label: $0, level: level, format: format) }
        metrics = MetricsRegistry()
        health = HealthRegistry()
        // Whoever wants fewer lines does not mean these; only `critical` is silence.
        let securityLevel = level == .critical ? level : min(level, .notice)
        security = SecurityLog(
            logger: Logger(label: "security") { LineLogHandler(label: $0, level: securityLevel, format: format) },
            metrics: metrics)
        let writer = LineWriter.standard
        metrics.observe("orderline_log_lines_lost", help: "Log lines that could not be written in time.") {
            Double(writer.statistics.lost)
        }
        metrics.observe("orderline_log_write_failures", help: "Writes to the log that failed.") {
            Double(writer.statistics.failures)
        }
    }

    /// Runs `services` until SIGTERM or SIGINT, in dependency order: each may rely on those before it, and is shut down
    /// before them. The operator's port is first to come and last to go. All of them run on one thread, save what
    /// chooses another: a process is one thread of Swift and those that wait for others.
    ///
    /// Once for each process: what libraries log and count goes where the configuration says from then on.
    /// - Parameter executor: that thread; `nil` for one event loop.
    package func run(_ services: [any Service], on executor: (any TaskExecutor & Timers)? = nil) async throws {
        claimProcess()
        let operators = OperatorServer(
            host: configuration.operatorHost, port: configuration.operatorPort, health: health, metrics: metrics,
            logger: logger)
        var group = ServiceGroupConfiguration(
            services: [operators, RepeatTeller(security: security)] + services + [LeavingNotice(health: health)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        // A part that hangs must not keep the process for ever.
        group.maximumGracefulShutdownDuration = .seconds(33)
        let whole = ServiceGroup(configuration: group)
        let executor = executor ?? EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
        try await Pause.$timers.withValue(executor) {
            try await withTaskExecutorPreference(executor) { try await whole.run() }
        }
    }
}

extension Runtime {
    private func claimProcess() {
        let (level, format) = (configuration.logLevel, configuration.logFormat)
        let own = LineLogHandler(label: name, level: level, format: format)
        LineWriter.standard.sayLosses { own.lossNotice($0) }
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format) }
        MetricsSystem.bootstrap(metrics)
    }
}

/// The last part of the group, so the first to be shut down: says that the process is not ready any more.
private struct LeavingNotice: Service {
    let health: HealthRegistry

    func run() async throws {
        try await gracefulShutdown()
        health.beginLeaving()
    }
}
