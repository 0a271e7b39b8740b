package import Messaging
package import Primitives

/// An event that is written in the transaction of its cause and sent afterwards.
package struct OutboxEvent: Sendable {
    /// Names the event for ever; whoever gets it twice knows it by this.
    package var id: Identifier
    /// The thing it speaks of. Events with the same key are sent in the order of their commits.
    package var key: Identifier
    package var subject: String
    package var payload: [UInt8]
    /// The trace of the request that caused it, passed on as it came.
    package var traceparent: String?

    /// Gives the event its id and encodes it; what is sent later is these bytes.
    /// - Parameter context: of the request that causes it; `nil` for work that no client asked for.
    package init<Event: ServiceEvent>(_ event: Event, key: Identifier, context: RequestContext? = nil) {
        id = .make()
        self.key = key
        subject = Event.subject
        payload = JSONWriter.encode(event)
        traceparent = context?.traceparent
    }
}

extension OutboxEvent {
    /// An event whose content is encoded already.
    package init(subject: String, key: Identifier, payload: [UInt8], traceparent: String?) {
        id = .make()
        self.key = key
        self.subject = subject
        self.payload = payload
        self.traceparent = traceparent
    }
}
