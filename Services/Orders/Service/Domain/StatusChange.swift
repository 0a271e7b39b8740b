package import Contracts
package import Messaging
import Primitives

/// Which moves between statuses are legal, and for whom.
package enum StatusChange {
    /// Where an Admin may move an order by hand. `Review → Processing` is missing on purpose: only closing the room
    /// does it.
    package static func allowedByHand(from status: OrderStatus) -> [OrderStatus] {
        status == .processing ? [.completed] : []
    }

    /// - Throws: `invalid-status-transition` with `from`, `to` and `allowed`.
    package static func requireByHand(from: OrderStatus, to: OrderStatus) throws(ServiceError) {
        let allowed = allowedByHand(from: from)
        guard !allowed.contains(to) else { return }
        throw ServiceError(
            .invalidStatusTransition, "An order in \(from.rawValue) cannot be set to \(to.rawValue).",
            extra: [
                JSONMember("from", .string(from.rawValue)), JSONMember("to", .string(to.rawValue)),
                JSONMember("allowed", .array(allowed.map { .string($0.rawValue) })),
            ])
    }

    /// The status that an Admin asks for. An unknown one is `validation-failed`.
    package static func requested(in body: [UInt8]) throws(ServiceError) -> OrderStatus {
        var input = try InputReader(body: body)
        let status = input.choice("status", OrderStatus.self)
        try input.finish()
        return status ?? .review
    }
}
