package import Messaging
import Primitives

/// Makes the event stream and its durable consumers, or brings those that are there up to date. Doing so twice changes
/// nothing.
package struct Provisioner: Sendable {
    private let transport: NATSTransport
    private let definition: StreamDefinition

    package init(transport: NATSTransport, definition: StreamDefinition) {
        self.transport = transport
        self.definition = definition
    }

    /// - Throws: `.disconnected` and `.timeout` when the server cannot be asked, `.failed` with its reason when it
    ///   refuses.
    package func provision() async throws(TransportError) {
        do throws(StreamAPI.Refusal) { try await makeAll() } catch { throw error.asTransportError }
    }

    /// Makes what is missing, and leaves alone what is there.
    /// - Returns: whether anything was missing, as after the server lost its disk.
    package func repair() async throws(TransportError) -> Bool {
        do throws(StreamAPI.Refusal) {
            guard try await isThere("STREAM.INFO.\(definition.name)") else {
                try await makeAll()
                return true
            }
            var wasMissing = false
            for consumer in definition.consumers
            where try await !isThere("CONSUMER.INFO.\(definition.name).\(consumer.name)") {
                try await make(consumer)
                wasMissing = true
            }
            return wasMissing
        } catch {
            throw error.asTransportError
        }
    }

    private func makeAll() async throws(StreamAPI.Refusal) {
        let operation = try await isThere("STREAM.INFO.\(definition.name)") ? "UPDATE" : "CREATE"
        _ = try await StreamAPI.call(transport, "STREAM.\(operation).\(definition.name)", definition.stream)
        for consumer in definition.consumers { try await make(consumer) }
    }

    private func isThere(_ operation: String) async throws(StreamAPI.Refusal) -> Bool {
        do throws(StreamAPI.Refusal) {
            _ = try await StreamAPI.call(transport, operation)
            return true
        } catch .missing {
            return false
        }
    }

    private func make(_ consumer: EventConsumer) async throws(StreamAPI.Refusal) {
        _ = try await StreamAPI.call(
            transport, "CONSUMER.DURABLE.CREATE.\(definition.name).\(consumer.name)",
            definition.configuration(of: consumer))
    }
}
