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
        runtime.health.add("events") { state.isThere ? nil : "the stream and its consumers are not made yet" }
        runtime.metrics.observe(
            "orderline_provision_repairs", help: "Times the stream or a consumer was missing and was made again."
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
                guard try await provisioner.repair() else { return }
                state.repaired()
                runtime.logger.warning("event stream or consumers were missing: made again")
            } catch {
                runtime.logger.debug("cannot look", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// How far provisioning has come, for the operator port.
private final class ProvisionState: Sendable {
    private let state = Mutex((isThere: false, repairs: 0))

    var isThere: Bool { state.withLock { $0.isThere } }
    var repairs: Int { state.withLock { $0.repairs } }

    func provisioned() { state.withLock { $0.isThere = true } }

    func repaired() { state.withLock { $0.repairs += 1 } }
}
