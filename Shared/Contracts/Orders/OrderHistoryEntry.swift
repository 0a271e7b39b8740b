package import Primitives

/// One entry of an order's audit timeline.
package struct OrderHistoryEntry: DescribedObject, Sendable, Equatable {
    /// What was done with the order.
    package enum Kind: String, DescribedWord {
        package static let about = "What happened to an order."
        package static let schemaName = "OrderHistoryKind"

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

    package static let about = "What happened to an order."

    package static let example = OrderHistoryEntry(
        at: Examples.time, kind: .statusChanged, actor: .example, from: .review, to: .processing)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("at", &object.at, "When.")
        try list.member("type", &object.kind, "What.")
        try list.member("actor", &object.actor, "Who did it.")
        try list.memberIfPresent("from", &object.from, "Of `status-changed`: the status before.")
        try list.memberIfPresent("to", &object.to, "Of `status-changed`: the status after.")
        try list.memberIfPresent(
            "changes", &object.changes,
            "Of `updated`: each field that changed, with its values before and after, as `{field: {from, to}}`.",
            as: .map)
    }
}
