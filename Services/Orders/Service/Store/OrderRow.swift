import Contracts
import Messaging
import Postgres
import Primitives

extension OrderStatus: SQLParameter, RowValue {}
extension OrderHistoryEntry.Kind: RowValue {}
extension Role: RowValue {}

/// How an order is read: the columns, and the order made of them.
///
/// A column whose values are a choice is named with its table, here and wherever else one is read, so that an error
/// says where the value stands that this version does not know.
enum OrderRow {
    static let columns: SQL = """
        o.id, o.number, o.description, o.specifications, o.quantity, o.metadata, o.status as "orders.status", o.version, o.owner_id, p.name, \
        o.created_at, o.updated_at
        """
    static let source: SQL = "orders o join people p on p.id = o.owner_id"

    static func order(_ row: Row) throws -> Order {
        let (
            id, number, description, specifications, quantity, metadata, status, version, ownerID, name, createdAt,
            updatedAt
        ) =
            try row.decode(
                Identifier.self, Int.self, String.self, JSONText.self, Int.self, JSONText?.self, OrderStatus.self,
                Int.self,
                Identifier.self, String.self, Timestamp.self, Timestamp.self)
        return Order(
            id: id, number: number, description: description, specifications: try json(specifications),
            quantity: quantity,
            metadata: try metadata.map(json) ?? .null, status: status,
            nextStatuses: status.next, version: version,
            owner: Person(id: ownerID, name: name),
            createdAt: createdAt, updatedAt: updatedAt)
    }

    /// A stored JSON text as a value.
    static func json(_ text: JSONText) throws -> JSON { try JSONParser.parse(Array(text.text.utf8)).value }
}

extension JSON {
    /// For a nullable column: `null` is stored as SQL NULL.
    var column: JSONText? { isNull ? nil : JSONText(encoded) }
}
