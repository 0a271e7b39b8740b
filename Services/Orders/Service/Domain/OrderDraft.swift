import Contracts
import Crypto
package import Messaging
package import Primitives

/// What a client says about an order that it places.
package struct OrderDraft: Sendable, Equatable {
    package var description: String
    package var specifications: JSON
    package var quantity: Int
    package var metadata: JSON

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let fields = Orders.Create.input
        description = input.text(fields.description)
        specifications = OrderRules.specifications(fields.specifications, &input)
        quantity = input.integer(fields.quantity)
        metadata = OrderRules.metadata(fields.metadata, &input)
        try input.finish()
    }

    /// The same for the same content: what tells a repeated request from another one under the same key.
    package var fingerprint: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("description", description)
            $0.field("specifications", specifications)
            $0.field("quantity", quantity)
            $0.field("metadata", metadata)
        }
        return Array(SHA256.hash(data: writer.bytes))
    }
}

/// What no bound of a field says, the same for placing and changing an order.
enum OrderRules {
    private static let specificationBytes = 16 * 1024
    private static let metadataBytes = 8 * 1024

    static func specifications(_ field: InputField<JSON>, _ input: inout InputReader) -> JSON {
        guard let value = input.value(field) else {
            input.missing(field)
            return .null
        }
        switch value {
        case .string:
            _ = input.text(value, field.name, OrderFields.specificationLength)
        case .object:
            if JSONWriter.encode(value).count > specificationBytes {
                input.fault(field.name, "size", "must have at most 16 KiB as JSON")
            }
        default: input.fault(field.name, "type", "must be a string or an object")
        }
        return value
    }

    /// `.null` when the field is absent or `null`.
    static func metadata(_ field: InputField<JSON>, _ input: inout InputReader) -> JSON {
        guard let value = input.value(field) else { return .null }
        guard case .object = value else {
            input.fault(field.name, "type", "must be an object")
            return .null
        }
        if JSONWriter.encode(value).count > metadataBytes {
            input.fault(field.name, "size", "must have at most 8 KiB as JSON")
        }
        return value
    }
}
