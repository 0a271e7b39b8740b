package import Primitives

/// Where an order stands. Legal moves: `Review → Processing` (only because its room was closed) and `Processing →
/// Completed`.
package enum OrderStatus: String, Sendable, CaseIterable {
    case review = "Review"
    case processing = "Processing"
    case completed = "Completed"

    /// The statuses that may follow.
    package var next: [OrderStatus] {
        switch self {
        case .review: [.processing]
        case .processing: [.completed]
        case .completed: []
        }
    }
}

extension OrderStatus: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let status = OrderStatus(rawValue: text) else {
            throw JSONMismatch(expected: "an order status")
        }
        self = status
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}
