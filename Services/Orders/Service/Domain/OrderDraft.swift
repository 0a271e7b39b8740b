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
        description = input.text("description", OrderRules.description)
        specifications = OrderRules.specifications(&input)
        quantity = input.integer("quantity", in: OrderRules.quantity)
        metadata = OrderRules.metadata(&input)
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

/// The bounds of an order's fields, the same for placing and changing it.
enum OrderRules {
    static let description = 1...2000
    static let quantity = 1...1_000_000
    static let fields = ["description", "specifications", "quantity", "metadata"]
    private static let specificationText = 1...16_384
    private static let specificationBytes = 16 * 1024
    private static let metadataBytes = 8 * 1024

    static func specifications(_ input: inout InputReader) -> JSON {
        guard let value = input.value("specifications") else {
            input.missing("specifications")
            return .null
        }
        switch value {
        case .string:
            _ = input.text(value, "specifications", specificationText)
        case .object:
            if JSONWriter.encode(value).count > specificationBytes {
                input.fault("specifications", "size", "must have at most 16 KiB as JSON")
            }
        default: input.fault("specifications", "type", "must be a string or an object")
        }
        return value
    }

    /// `.null` when the field is absent or `null`.
    static func metadata(_ input: inout InputReader) -> JSON {
        guard let value = input.value("metadata") else { return .null }
        guard case .object = value else {
            input.fault("metadata", "type", "must be an object")
            return .null
        }
        if JSONWriter.encode(value).count > metadataBytes {
            input.fault("metadata", "size", "must have at most 8 KiB as JSON")
        }
        return value
    }
}
