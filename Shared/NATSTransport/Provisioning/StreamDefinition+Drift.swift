import Messaging
import Primitives

/// In what the configuration that a server tells of is another than the one declared. Decides only.
extension StreamDefinition {
    /// The settings of the stream that are not as declared, by name.
    /// - Parameter mayRepublish: false where the server was found not to change whether a stream republishes.
    func drift(ofStream found: JSON, mayRepublish: Bool = true) -> [String] {
        let wanted = !mayRepublish && Self.isUnset(found["republish"]) ? streamUnrepublished : stream
        return Self.drift(wanted: wanted, found: found, unset: Self.unsetOfStream)
    }

    /// The settings of a durable consumer that are not as declared, by name.
    func drift(of consumer: EventConsumer, _ found: JSON) -> [String] {
        Self.drift(wanted: configuration(of: consumer)["config"], found: found, unset: Self.unsetOfConsumer)
    }

    /// What nobody has declared and what would change which events are kept, or whether they are confirmed.
    private static let unsetOfStream = [
        "mirror", "no_ack", "sealed", "sources", "subject_transform", "allow_rollup_hdrs",
    ]
    /// What nobody has declared and what would take events away from the consumer, or send them elsewhere.
    private static let unsetOfConsumer = [
        "backoff", "deliver_group", "deliver_subject", "filter_subjects", "headers_only", "inactive_threshold",
        "mem_storage", "pause_until", "rate_limit_bps",
    ]

    private static func drift(wanted: JSON, found: JSON, unset: [String]) -> [String] {
        guard case .object(let members) = wanted else { return [] }
        let others = members.filter { !isSame($0.value, found[$0.name]) }.map(\.name)
        return others + unset.filter { !isUnset(found[$0]) }
    }

    /// A server leaves out what is nought, false or empty, and writes numbers in its own way.
    private static func isSame(_ wanted: JSON, _ found: JSON) -> Bool {
        if isUnset(wanted) { return isUnset(found) }
        if let number = wanted.integer { return found.integer == number }
        return wanted == found
    }

    private static func isUnset(_ value: JSON) -> Bool {
        switch value {
        case .null: true
        case .bool(let isSet): !isSet
        case .number: value.integer == 0
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        }
    }
}
