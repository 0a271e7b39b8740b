package import Contracts
package import Messaging
import Primitives

/// The life of an order, `Review → Processing → Completed`: where it begins, which moves there are, and what each
/// needs.
///
/// Whatever sets a status does it by a move: `ApplyRoomClosed` (for the event, and for the comparison by
/// `OrderReconciler`) and `SetOrderStatus`.
package enum OrderMove: Sendable, CaseIterable {
    /// The order's room was closed, by whomever. No hand does this: the closing's summary is what the order is
    /// processed by.
    case roomClosed
    /// An Admin says that it is done.
    case completed

    /// Who or what asks for a move.
    package enum Cause: Sendable, Hashable {
        /// Chat has committed the closing of the order's room.
        case closedRoom
        case hand(Role)
    }

    package var from: OrderStatus {
        switch self {
        case .roomClosed: .review
        case .completed: .processing
        }
    }

    package var to: OrderStatus {
        switch self {
        case .roomClosed: .processing
        case .completed: .completed
        }
    }

    /// What the move needs; nothing else brings it about.
    package var cause: Cause {
        switch self {
        case .roomClosed: .closedRoom
        case .completed: .hand(.admin)
        }
    }

    /// The moves that `cause` can bring about from a status.
    package static func moves(from status: OrderStatus, by cause: Cause) -> [OrderMove] {
        allCases.filter { $0.from == status && $0.cause == cause }
    }
}

extension OrderStatus {
    /// Of an order that has just been placed.
    package static let first: OrderStatus = .review

    /// The statuses that may follow, by whatever cause.
    package var next: [OrderStatus] { Self.following[self, default: []] }
    private static let following = Dictionary(grouping: OrderMove.allCases, by: \.from).mapValues { $0.map(\.to) }

    /// Whether the content may still be changed: while the conversation that settles it is open.
    package var isEditable: Bool { self == OrderMove.roomClosed.from }
}

extension Order {
    /// Moves an order whose room was closed.
    /// - Returns: `false`, and changes nothing, when it was moved before: closings are told at least once.
    package mutating func roomClosed() -> Bool {
        guard let move = OrderMove.moves(from: status, by: .closedRoom).first else { return false }
        make(move)
        return true
    }

    /// Moves an order by hand.
    ///
    /// - Parameter condition: on the order's version; it comes before the status.
    /// - Throws: `version-mismatch`, or `invalid-status-transition` with `from`, `to` and `allowed`, which lists what
    ///   this hand can set.
    package mutating func set(
        _ wanted: OrderStatus, by role: Role, if condition: VersionCondition
    ) throws(ServiceError) {
        try condition.require(version)
        let moves = OrderMove.moves(from: status, by: .hand(role))
        guard let move = moves.first(where: { $0.to == wanted }) else {
            throw ServiceError(
                .invalidStatusTransition, "An order in \(status.rawValue) cannot be set to \(wanted.rawValue).",
                extra: [
                    JSONMember("from", .string(status.rawValue)), JSONMember("to", .string(wanted.rawValue)),
                    JSONMember("allowed", .array(moves.map { .string($0.to.rawValue) })),
                ])
        }
        make(move)
    }

    private mutating func make(_ move: OrderMove) { stand(in: move.to, next: move.to.next) }
}
