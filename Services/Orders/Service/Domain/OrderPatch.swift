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
        if input.has("description") { description = input.text("description", OrderRules.description) }
        if input.has("specifications") { specifications = OrderRules.specifications(&input) }
        if input.has("quantity") { quantity = input.integer("quantity", in: OrderRules.quantity) }
        if input.has("metadata") { metadata = OrderRules.metadata(&input) }
        if !input.hasAny(OrderRules.fields) {
            input.fault("body", "required", "must have at least one field to change")
        }
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
