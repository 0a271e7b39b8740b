package import Messaging
import Primitives
import Threads

/// The event stream and its durable consumers: every setting, and why it is so.
package struct StreamDefinition: Sendable, Equatable {
    package var name: String
    /// The services whose events it keeps, by name.
    package var sources: [String]
    package var consumers: [EventConsumer]
    /// Put before every subject; see `NATSConfiguration.subjectPrefix`.
    package var subjectPrefix: String
    /// Copies on so many servers. More than one only across hosts: on one host they cost seconds of silence at each
    /// loss of a leader, and protect nothing.
    package var replicas: Int
    /// How long an event is kept. Longer than a restart, a fail-over or a network that is cut; what is missed in a
    /// longer outage is found by comparing.
    package var maximumAge: Duration
    /// Size at which the oldest events are dropped before their time.
    package var maximumBytes: Int

    /// Where the server publishes each event again, once it has been stored.
    static let republished = "republished.>"

    /// Six hours.
    package static let standardAge: Duration = .seconds(6 * 3600)
    /// One gibibyte; the server's own bound (`Deploy/nats-server.conf`) lies above it.
    package static let standardBytes = 1 << 30

    /// - Parameter services: those that tell and take events.
    package init(
        services: [ServiceDeclaration], name: String = "EVENTS", subjectPrefix: String = "", replicas: Int = 1,
        maximumAge: Duration = StreamDefinition.standardAge, maximumBytes: Int = StreamDefinition.standardBytes
    ) {
        sources = services.map(\.name)
        consumers = services.flatMap(\.consumers)
        self.name = name
        self.subjectPrefix = subjectPrefix
        self.replicas = replicas
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
    }

    var stream: JSON {
        StreamAPI.object([
            "name": .string(name),
            "subjects": .array(
                sources.map { .string(subjectPrefix + ServiceDeclaration.events(of: $0)) }),
            // Events are kept for their time whoever has read them: a gateway follows without a durable consumer.
            "retention": .string("limits"),
            "storage": .string("file"),
            "max_age": .integer(Int(maximumAge.nanoseconds)),
            // Under the server's own bound and the disk's: a full disk makes the server deaf until it is restarted.
            "max_bytes": .integer(maximumBytes),
            "max_msgs": .integer(-1),
            "max_msg_size": .integer(-1),
            // Drop what is old instead of refusing what is new: a full stream would keep log-outs and status changes
            // from everybody for as long as old events last. Who had not taken what is dropped sees it and compares.
            "discard": .string("old"),
            // An outbox that was not sure sends again within seconds. After this window the inboxes drop repeats.
            "duplicate_window": .integer(120 * second),
            // Nobody removes history by mistake.
            "deny_delete": .bool(true),
            "deny_purge": .bool(true),
            "num_replicas": .integer(replicas),
            // For who follows the stream without a consumer: what was not republished is read by its position, at
            // whichever copy.
            "allow_direct": .bool(true),
            // Each event is published again once it is stored, for the same.
            "republish": StreamAPI.object([
                "src": .string(">"), "dest": .string(subjectPrefix + Self.republished),
            ]),
        ])
    }

    /// The stream as a server makes it that has it from before events were republished, and will not change that.
    var streamUnrepublished: JSON {
        guard case .object(let members) = stream else { return stream }
        return .object(members.filter { $0.name != "republish" })
    }

    func configuration(of consumer: EventConsumer) -> JSON {
        StreamAPI.object([
            "stream_name": .string(name),
            "config": StreamAPI.object([
                "durable_name": .string(consumer.name),
                "filter_subject": .string(subjectPrefix + consumer.filter),
                // A service that comes for the first time hears of everything there is.
                "deliver_policy": .string("all"),
                "replay_policy": .string("instant"),
                // An event is done when its effect is committed, and not before.
                "ack_policy": .string("explicit"),
                // Work that takes longer is reported in progress every 10 s; this is how long a killed process's events
                // wait.
                "ack_wait": .integer(30 * second),
                // Without end: the service itself parks an event after its last try, where it is kept and reported.
                "max_deliver": .integer(-1),
                // Events out for work at all replicas together.
                "max_ack_pending": .integer(1024),
            ]),
        ])
    }

    /// In the server's unit, nanoseconds.
    private var second: Int { 1_000_000_000 }
}
