import HTTPServer
import Logging
package import NATSTransport

extension Runtime {
    /// The transport over NATS of this process, with its counts among the process's numbers and what is wrong with the
    /// stream among its warnings. What is published on an event loop is sent at the end of its turn.
    package func natsTransport(_ configuration: NATSConfiguration) -> NATSTransport {
        let transport = NATSTransport(
            configuration: configuration, logger: logger, atEndOfTurn: EventLoopExecutor.atEndOfTurn)
        if configuration.isInTheClear {
            logger.warning(
                "what goes to NATS and comes from it can be read on the way",
                metadata: ["mend": "tls:// in NATS_URL, and NATS_CA for authorities of your own"])
        }
        metrics.observe("orderline_nats_outstanding", help: "Requests sent and not answered yet.") {
            Double(transport.statistics.outstandingRequests)
        }
        metrics.observe("orderline_nats_reconnects", help: "Times the link to NATS came back.") {
            Double(transport.statistics.reconnects)
        }
        metrics.observe(
            "orderline_nats_slow_consumers", help: "Times messages were dropped because reading was too slow."
        ) {
            Double(transport.statistics.slowConsumers)
        }
        metrics.observe("orderline_nats_permission_violations", help: "Subjects that were refused to this process.") {
            Double(transport.statistics.permissionViolations)
        }
        metrics.observe("orderline_nats_errors", help: "Other errors of the link to NATS.") {
            Double(transport.statistics.errors)
        }
        metrics.observe("orderline_nats_lost_answers", help: "Answers not sent: link down, or too large.") {
            Double(transport.statistics.lostAnswers)
        }
        metrics.observe("orderline_requests_refused", help: "Requests refused because too many were in work.") {
            Double(transport.statistics.refusals)
        }
        health.addWarning("events") {
            guard let stream = transport.statistics.stream, stream.share >= 0.8 else { return nil }
            return "the stream is \(Int(stream.share * 100)) % full and drops its oldest events when it is full"
        }
        metrics.observe("orderline_events_stored_bytes", help: "Size of the event stream.") {
            Double(transport.statistics.stream?.bytes ?? 0)
        }
        metrics.observe("orderline_events_stored_bytes_limit", help: "Size at which the oldest events are dropped.") {
            Double(transport.statistics.stream?.maximumBytes ?? 0)
        }
        metrics.observe(
            "orderline_events_missed", help: "Times the stream had dropped events that may not have been taken."
        ) {
            Double(transport.statistics.missedEvents)
        }
        return transport
    }
}
