import Messaging
import Synchronization

/// A listener to signals.
final class NATSSubscription: TransportSubscription {
    private let link: Link
    private let listener: Listener
    private let gate: Turnstile

    init(
        _ subject: String, cut: Int, link: Link,
        handler: @escaping @Sendable (_ subject: String, _ message: Envelope) -> Void
    ) throws(TransportError) {
        let gate = Turnstile()
        self.link = link
        self.gate = gate
        listener = Listener(subject) { message in
            gate.whileOpen { handler(String(subject: message.subject, cut: cut), EnvelopeCoding.decode(message.bytes)) }
        }
        try link.add(listener)
    }

    func cancel() async {
        gate.close()
        link.remove(listener)
    }
}

/// Lets calls through one at a time until it is closed, and none after `close` returned.
///
/// One at a time also across connections: the old one's last message may still be with the handler when the new one's
/// first arrives.
private final class Turnstile: Sendable {
    private let isOpen = Mutex(true)

    func whileOpen(_ body: () -> Void) {
        isOpen.withLock { if $0 { body() } }
    }

    func close() { isOpen.withLock { $0 = false } }
}
