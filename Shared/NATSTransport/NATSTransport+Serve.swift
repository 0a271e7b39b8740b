package import Messaging
import ServiceLifecycle

extension NATSTransport {
    /// Listens in the queue group on all `subjects`; `Intake` counts what is in work. At the end it waits up to 4 s for
    /// what the server has sent already.
    package func serve(
        _ subjects: [String], queue: String, limit: Int, refusal: Envelope,
        handler: @escaping @Sendable (_ subject: String, _ request: Envelope) async -> Envelope
    ) async throws(TransportError) {
        let intake = Intake(link: link, limit: limit, refusal: refusal)
        try intake.open(subjects.map { wire($0) }, queue: queue, cut: cut)
        await untilStopped {
            await withDiscardingTaskGroup { group in
                while let request = await intake.next() {
                    group.addTask { intake.answer(request, await handler(request.subject, request.message)) }
                }
            }
        } stop: {
            intake.close()
        }
    }

    /// Runs `body`; calls `stop` when the task is cancelled or shut down gracefully, upon which `body` is expected to
    /// return.
    func untilStopped(_ body: () async -> Void, stop: @escaping @Sendable () -> Void) async {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler(operation: body, onCancel: stop)
        } onGracefulShutdown: {
            stop()
        }
    }
}
