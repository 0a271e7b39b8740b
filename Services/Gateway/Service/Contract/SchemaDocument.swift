import Primitives

/// Schemas as JSON Schema (draft 2020-12) within an OpenAPI or AsyncAPI document, and what stands under its components.
struct SchemaDocument {
    /// Every schema that has a name, in the order of their first use.
    private(set) var components: [JSONMember] = []

    /// The schema, or where it stands.
    mutating func reference(_ schema: Schema) -> JSON {
        switch schema {
        case .anything: [:]
        case .boolean: ["type": "boolean"]
        case .integer(let range):
            .dropping([
                "type": "integer", "minimum": range.map { .integer($0.lowerBound) },
                "maximum": range.map { .integer($0.upperBound) },
            ])
        case .string(let format, let length):
            .dropping([
                "type": "string", "format": format.map(JSON.string),
                "minLength": length.flatMap { $0.lowerBound > 0 ? .integer($0.lowerBound) : nil },
                "maxLength": length.map { .integer($0.upperBound) },
            ])
        case .constant(let text): ["type": "string", "const": .string(text)]
        case .list(let element, let count):
            .dropping([
                "type": "array", "items": reference(element), "minItems": count.map { .integer($0.lowerBound) },
                "maxItems": count.map { .integer($0.upperBound) },
            ])
        case .map: ["type": "object", "additionalProperties": true]
        case .orNull(let schema): nullable(schema)
        case .either(let schemas): ["anyOf": .array(schemas.map { reference($0) })]
        case .words(let words):
            component(words.name) { _ in
                [
                    "type": "string", "description": .string(words.about),
                    "enum": .array(words.words.map(JSON.string)),
                ]
            }
        case .object(let object):
            if let name = object.name { component(name) { $0.inline(object) } } else { inline(object) }
        }
    }

    /// - Parameter isClosed: whether members that are not listed are refused, as the server does with what clients send.
    mutating func inline(_ object: ObjectSchema, isClosed: Bool = false) -> JSON {
        var properties: [JSONMember] = []
        for member in object.members {
            guard case .object(let schema) = reference(member.schema) else { continue }
            properties.append(
                JSONMember(member.name, .object(schema + [JSONMember("description", .string(member.about))])))
        }
        let required = object.members.filter(\.isRequired).map { JSON.string($0.name) }
        let example = object.example ?? object.composedExample
        return .dropping([
            "type": "object", "description": .string(object.about), "properties": .object(properties),
            "required": required.isEmpty ? nil : .array(required),
            "anyOf": object.atLeastOneOf.isEmpty
                ? nil : .array(object.atLeastOneOf.map { ["required": .array([.string($0)])] }),
            "additionalProperties": isClosed ? false : nil, "examples": example.map { .array([$0]) },
        ])
    }

    /// Adds what is not a schema of ours under a name.
    mutating func component(_ name: String, _ make: (inout SchemaDocument) -> JSON) -> JSON {
        if !components.contains(where: { $0.name == name }) {
            // The place is taken first, so that the order is that of use.
            components.append(JSONMember(name, .null))
            let made = make(&self)
            if let index = components.firstIndex(where: { $0.name == name }) { components[index].value = made }
        }
        return ["$ref": .string("#/components/schemas/\(name)")]
    }

    private mutating func nullable(_ schema: Schema) -> JSON {
        let json = reference(schema)
        guard case .object(var members) = json, let index = members.firstIndex(where: { $0.name == "type" }) else {
            return ["anyOf": [json, ["type": "null"]]]
        }
        members[index].value = .array([members[index].value, "null"])
        return .object(members)
    }
}

extension ObjectSchema {
    /// What the members' examples make together; `nil` when one that is required has none.
    var composedExample: JSON? {
        var example: [JSONMember] = []
        for member in members {
            if let value = member.example {
                example.append(JSONMember(member.name, value))
            } else if member.isRequired {
                return nil
            }
        }
        return example.isEmpty ? nil : .object(example)
    }
}

extension JSON {
    /// An object of the members that have a value.
    static func dropping(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
    }
}
