import Contracts
import Messaging
import Primitives
import Testing

@testable import OrdersService

struct OrderLifeTests {
    private static let causes: [OrderMove.Cause] = [.closedRoom] + Role.allCases.map(OrderMove.Cause.hand)

    /// Every pair of statuses with everything that could move an order, and what the life of an order says of it.
    private static let table: [(from: OrderStatus, to: OrderStatus, cause: OrderMove.Cause, move: OrderMove?)] =
        OrderStatus.allCases.flatMap { from in
            OrderStatus.allCases.flatMap { to in
                causes.map { cause in
                    switch (from, to, cause) {
                    case (.review, .processing, .closedRoom): (from, to, cause, .roomClosed)
                    case (.processing, .completed, .hand(.admin)): (from, to, cause, .completed)
                    default: (from, to, cause, nil)
                    }
                }
            }
        }

    @Test(
        "An order moves by the closing of its room and by an Admin's hand, each from one status to one",
        arguments: table)
    func moves(from: OrderStatus, to: OrderStatus, cause: OrderMove.Cause, move: OrderMove?) throws {
        #expect(OrderMove.moves(from: from, by: cause).filter { $0.to == to } == (move.map { [$0] } ?? []))
        var order = Self.order(from)
        switch cause {
        case .closedRoom:
            let moved = order.roomClosed()
            // A closing asks for no status: it moves to the one there is, or not at all.
            #expect(moved == (from == .review))
            #expect(order.status == (moved ? .processing : from))
        case .hand(let role):
            let refusal = Self.refusal(of: &order, to, by: role)
            #expect((refusal == nil) == (move != nil))
            #expect(order.status == (move?.to ?? from))
            guard let refusal else { break }
            #expect(refusal.code == .invalidStatusTransition)
            let allowed: [JSON] = from == .processing && role == .admin ? [.string("Completed")] : []
            #expect(
                refusal.extra == [
                    JSONMember("from", .string(from.rawValue)), JSONMember("to", .string(to.rawValue)),
                    JSONMember("allowed", .array(allowed)),
                ])
        }
        #expect(order.nextStatuses == order.status.next)
    }

    @Test(
        "A version that is not the wanted one comes before the status, and nothing moves",
        arguments: OrderStatus.allCases)
    func versions(from: OrderStatus) {
        for to in OrderStatus.allCases {
            for role in Role.allCases {
                let before = Self.order(from)
                var order = before
                let refusal = Self.refusal(of: &order, to, by: role, ifMatch: "\"2\"")
                #expect(refusal?.code == .versionMismatch)
                #expect(order == before)
            }
        }
        var order = Self.order(.processing)
        #expect(Self.refusal(of: &order, .completed, by: .admin, ifMatch: "\"1\"") == nil)
    }

    @Test("From the first status every other is reached, along moves that never lead back")
    func reachable() {
        var (seen, current) = ([OrderStatus.first], OrderStatus.first)
        while let next = current.next.first {
            #expect(current.next.count == 1)
            #expect(!seen.contains(next))
            seen.append(next)
            current = next
        }
        #expect(seen == OrderStatus.allCases)
    }

    @Test("Content may be changed in Review only", arguments: OrderStatus.allCases)
    func editable(status: OrderStatus) { #expect(status.isEditable == (status == .review)) }

    private static func refusal(
        of order: inout Order, _ wanted: OrderStatus, by role: Role, ifMatch: String? = nil
    ) -> ServiceError? {
        do {
            try order.set(wanted, by: role, if: VersionCondition(ifMatch: ifMatch))
            return nil
        } catch {
            return error
        }
    }

    private static func order(_ status: OrderStatus) -> Order {
        Order(
            id: .make(), number: 1000, description: "d", specifications: .string("s"), quantity: 1, metadata: .null,
            status: status, nextStatuses: status.next, version: 1, owner: Person(id: .make(), name: "Ann"),
            createdAt: .now(), updatedAt: .now())
    }
}
