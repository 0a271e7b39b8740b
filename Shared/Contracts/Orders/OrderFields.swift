package import Messaging
package import Primitives

/// The fields of an order that clients set, and their bounds: the same for placing and for changing it.
package enum OrderFields {
    package static let description = InputField.text(
        "description", 1...2000, "What is ordered.", example: "Oak table, 180 × 90 cm")
    /// Of specifications that are a text, in Unicode scalars.
    package static let specificationLength = 1...16_384
    package static let specifications = InputField.json(
        "specifications", .either([.string(length: specificationLength), .map]),
        "A text, or an object of your own with at most 16 KiB as JSON.",
        example: .object([JSONMember("finish", .string("oiled"))]))
    package static let quantity = InputField.integer("quantity", 1...1_000_000, "How many.", example: 1)
    package static let metadata = InputField.json(
        "metadata", .orNull(.map), "An object of your own with at most 8 KiB as JSON; `null` clears it.", example: .null
    )
}
