import Logging
import Messaging
import NATSTransport
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Provisions and stays: looks again and again whether all is there, and makes again what the server has lost.
struct ProvisionWatch {
    static let interval: Duration = .seconds(2)

    let provisioner: Provisioner
    let transport: NATSTransport
    let runtime: Runtime

    /// Runs until told to stop.
    func run() async throws {
        let state = ProvisionState()
        runtime.health.add("nats") { [transport] in transport.isConnected ? nil : "not connected" }
        runtime.health.add("events") {
            state.isThere ? state.fault : "the stream and its consumers are not made yet"
        }
        runtime.metrics.observe(
            "orderline_provision_repairs",
            help: "Times the stream or a consumer was missing or changed and was made as declared."
        ) {
            Double(state.repairs)
        }
        runtime.metrics.observe("orderline_nats_reconnects", help: "Times the link to NATS came back.") { [transport] in
            Double(transport.statistics.reconnects)
        }
        try await runtime.run([transport, Work(provisioner: provisioner, state: state, runtime: runtime)])
    }

    private struct Work: Service {
        let provisioner: Provisioner
        let state: ProvisionState
        let runtime: Runtime

        func run() async throws {
            try await cancelWhenGracefulShutdown {
                // For as long as it takes: services wait for the stream, too.
                try await provisioner.provision(logger: runtime.logger) { true }
                state.provisioned()
                while !Task.isCancelled {
                    try? await Task.sleep(for: ProvisionWatch.interval)
                    await look()
                }
            }
        }

        private func look() async {
            do throws(TransportError) {
                let wasMended = try await provisioner.repair()
                state.found(fault: nil)
                guard wasMended else { return }
                state.repaired()
                runtime.logger.warning("event stream or consumers were missing or changed: made as declared")
            } catch .failed(let reason) {
                // Nothing that waiting helps: an operator has to remove what the server will not change.
                guard state.found(fault: "the stream or a consumer is not as declared") else { return }
                runtime.logger.error(
                    "event stream or consumers are not as declared and cannot be mended",
                    metadata: ["reason": "\(reason)"])
            } catch {
                runtime.logger.debug("cannot look", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// How far provisioning has come, for the operator port.
private final class ProvisionState: Sendable {
    private let state = Mutex((isThere: false, repairs: 0, fault: String?.none))

    var isThere: Bool { state.withLock { $0.isThere } }
    /// What cannot be mended.
    var fault: String? { state.withLock { $0.fault } }
    var repairs: Int { state.withLock { $0.repairs } }

    /// - Returns: whether that is news.
    @discardableResult
    func found(fault: String?) -> Bool {
        state.withLock { state in
            defer { state.fault = fault }
            return state.fault != fault
        }
    }

    func provisioned() { state.withLock { $0.isThere = true } }

    func repaired() { state.withLock { $0.repairs += 1 } }
}
