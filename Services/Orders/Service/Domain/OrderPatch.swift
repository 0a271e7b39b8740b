package import Contracts
package import Messaging
package import Primitives

/// What a client wants changed about an order; absent fields stay.
package struct OrderPatch: Sendable, Equatable {
    package var description: String?
    package var specifications: JSON?
    package var quantity: Int?
    /// `.null` clears.
    package var metadata: JSON?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault, also when no field is given.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Orders.Update.input
        if input.has(fields.description) { description = input.text(fields.description) }
        if input.has(fields.specifications) {
            specifications = OrderRules.specifications(fields.specifications, &input)
        }
        if input.has(fields.quantity) { quantity = input.integer(fields.quantity) }
        if input.has(fields.metadata) { metadata = OrderRules.metadata(fields.metadata, &input) }
        input.requireAny(of: fields)
        try input.finish()
    }

    /// Changes `order` and tells what changed, as `{field: {from, to}}`; `nil` when everything was so already.
    package func apply(to order: inout Order) -> JSON? {
        var changes: [JSONMember] = []
        func note(_ field: String, _ from: JSON, _ to: JSON?) {
            guard let to, to != from else { return }
            changes.append(JSONMember(field, .object([JSONMember("from", from), JSONMember("to", to)])))
        }
        note("description", .string(order.description), description.map(JSON.string))
        note("specifications", order.specifications, specifications)
        note("quantity", .integer(order.quantity), quantity.map(JSON.integer))
        note("metadata", order.metadata, metadata)
        order.description = description ?? order.description
        order.specifications = specifications ?? order.specifications
        order.quantity = quantity ?? order.quantity
        order.metadata = metadata ?? order.metadata
        return changes.isEmpty ? nil : .object(changes)
    }
}
