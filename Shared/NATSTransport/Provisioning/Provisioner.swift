import Logging
package import Messaging
import Primitives
import Synchronization

/// Makes the event stream and its durable consumers, or brings those that are there up to date. Doing so twice changes
/// nothing.
package struct Provisioner: Sendable {
    private let transport: NATSTransport
    private let definition: StreamDefinition
    private let server = Server()

    /// What was found out about the server.
    private final class Server: Sendable {
        /// Whether it changes if a stream that is there republishes.
        let mayRepublish = Atomic(true)
    }

    package init(transport: NATSTransport, definition: StreamDefinition) {
        self.transport = transport
        self.definition = definition
    }

    /// - Throws: `.disconnected` and `.timeout` when the server cannot be asked, `.failed` with its reason when it
    ///   refuses.
    package func provision() async throws(TransportError) {
        do throws(StreamAPI.Refusal) { try await makeAll() } catch { throw error.asTransportError }
    }

    /// Makes what is missing, and again as declared what somebody has changed.
    /// - Returns: whether anything was missing or changed, as after the server lost its disk.
    /// - Throws: `.failed`, naming what is another and stays so because the server will not change it; what could be
    ///   mended has been.
    package func repair() async throws(TransportError) -> Bool {
        do throws(StreamAPI.Refusal) { return try await repairAll() } catch { throw error.asTransportError }
    }

    private func repairAll() async throws(StreamAPI.Refusal) -> Bool {
        guard let stream = try await configuration("STREAM.INFO.\(definition.name)") else {
            try await makeAll()
            return true
        }
        var wasMended = false
        var refusal: StreamAPI.Refusal?
        let faults = definition.drift(
            ofStream: stream, mayRepublish: server.mayRepublish.load(ordering: .relaxed))
        if !faults.isEmpty {
            do throws(StreamAPI.Refusal) {
                let isWhole = try await bringUpToDate(stream)
                wasMended = isWhole || faults != ["republish"]
            } catch {
                refusal = error.about(definition.name, faults)
            }
        }
        for consumer in definition.consumers {
            let found = try await configuration("CONSUMER.INFO.\(definition.name).\(consumer.name)")
            let faults = found.map { definition.drift(of: consumer, $0) } ?? ["all of it"]
            if faults.isEmpty { continue }
            do throws(StreamAPI.Refusal) {
                try await make(consumer)
                wasMended = true
            } catch {
                refusal = error.about(consumer.name, faults)
            }
        }
        if let refusal { throw refusal }
        return wasMended
    }

    private func makeAll() async throws(StreamAPI.Refusal) {
        if let found = try await configuration("STREAM.INFO.\(definition.name)") {
            _ = try await bringUpToDate(found)
        } else {
            _ = try await StreamAPI.call(transport, "STREAM.CREATE.\(definition.name)", definition.stream)
        }
        for consumer in definition.consumers { try await make(consumer) }
    }

    /// - Returns: false when the server would not let it republish.
    private func bringUpToDate(_ found: JSON) async throws(StreamAPI.Refusal) -> Bool {
        let update = "STREAM.UPDATE.\(definition.name)"
        do throws(StreamAPI.Refusal) {
            _ = try await StreamAPI.call(transport, update, definition.stream)
            return true
        } catch {
            // So servers before 2.10 say.
            guard found["republish"].isNull, case .refused(_, let text) = error, text.contains("RePublish") else {
                throw error
            }
            server.mayRepublish.store(false, ordering: .relaxed)
            _ = try await StreamAPI.call(transport, update, definition.streamUnrepublished)
            transport.link.logger.warning(
                "the server does not let the stream republish: gateways hear of events a little later",
                metadata: ["stream": "\(definition.name)", "reason": "\(error.asTransportError)"])
            return false
        }
    }

    /// `nil` when it is not there.
    private func configuration(_ operation: String) async throws(StreamAPI.Refusal) -> JSON? {
        do throws(StreamAPI.Refusal) {
            return try await StreamAPI.call(transport, operation)["config"]
        } catch .missing {
            return nil
        }
    }

    private func make(_ consumer: EventConsumer) async throws(StreamAPI.Refusal) {
        _ = try await StreamAPI.call(
            transport, "CONSUMER.DURABLE.CREATE.\(definition.name).\(consumer.name)",
            definition.configuration(of: consumer))
    }
}
