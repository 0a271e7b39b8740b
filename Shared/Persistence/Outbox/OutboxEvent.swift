import Primitives

/// An event that is written in the transaction of its cause and sent afterwards: a row of the table `outbox`.
struct OutboxEvent: Sendable {
    /// Names the event for ever; whoever gets it twice knows it by this.
    var id = Identifier.make()
    /// The thing it speaks of. Events with the same key are sent in the order of their commits.
    var key: Identifier
    var subject: String
    var payload: [UInt8]
    var traceparent: String?
}
