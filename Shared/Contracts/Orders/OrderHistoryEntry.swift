package import Primitives

/// One entry of an order's audit timeline.
package struct OrderHistoryEntry: JSONCodable, Sendable, Equatable {
    /// What was done with the order.
    package enum Kind: String, Sendable, CaseIterable {
        case created
        case updated
        case statusChanged = "status-changed"
    }

    package var at: Timestamp
    package var kind: Kind
    package var actor: Participant
    /// Only for `status-changed`.
    package var from: OrderStatus?
    package var to: OrderStatus?
    /// Only for `updated`: `{field: {from, to}}`.
    package var changes: JSON?

    package init(
        at: Timestamp, kind: Kind, actor: Participant, from: OrderStatus? = nil, to: OrderStatus? = nil,
        changes: JSON? = nil
    ) {
        self.at = at
        self.kind = kind
        self.actor = actor
        self.from = from
        self.to = to
        self.changes = changes
    }

    package init(json: JSON) throws(JSONMismatch) {
        at = try json.get("at")
        guard let kind = Kind(rawValue: try json.get("type")) else {
            throw JSONMismatch(expected: "a kind of entry", path: ["type"])
        }
        self.kind = kind
        actor = try json.get("actor")
        from = try json.get("from")
        to = try json.get("to")
        changes = try json.get("changes")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("at", at)
            $0.field("type", kind.rawValue)
            $0.field("actor", actor)
            $0.fieldIfPresent("from", from)
            $0.fieldIfPresent("to", to)
            $0.fieldIfPresent("changes", changes)
        }
    }
}
