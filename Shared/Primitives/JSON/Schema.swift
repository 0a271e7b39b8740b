/// What a JSON value may be, as documents of the interface tell it: the part of JSON Schema (draft 2020-12) that they
/// need.
package indirect enum Schema: Sendable, Equatable {
    /// Whatever JSON can say.
    case anything
    case boolean
    case integer(ClosedRange<Int>? = nil)
    /// - Parameters:
    ///   - format: a name from the standard's vocabulary: `uuid`, `date-time`, `email`, `uri`.
    ///   - length: in Unicode scalars.
    case string(format: String? = nil, length: ClosedRange<Int>? = nil)
    /// Always this text.
    case constant(String)
    case list(Schema, count: ClosedRange<Int>? = nil)
    /// An object with whatever members its writer likes.
    case map
    case orNull(Schema)
    case either([Schema])
    /// One of a few words, under the name that documents have for them.
    case words(WordSchema)
    case object(ObjectSchema)
}

/// A set of words under one name.
package struct WordSchema: Sendable, Equatable {
    package var name: String
    package var about: String
    package var words: [String]

    package init(name: String, about: String, words: [String]) {
        self.name = name
        self.about = about
        self.words = words
    }
}

/// An object whose members are known.
package struct ObjectSchema: Sendable, Equatable {
    /// Under which it stands once in a document; `nil` when it is written where it is used.
    package var name: String?
    /// A sentence on what it is.
    package var about: String
    package var members: [Member]
    /// Members of which at least one has to be there; empty when there is no such rule.
    package var atLeastOneOf: [String]
    /// One that is valid, as a client meets it; `nil` where the parts have none.
    package var example: JSON?

    /// One member of an object.
    package struct Member: Sendable, Equatable {
        package var name: String
        package var schema: Schema
        package var about: String
        /// Whether it is always there.
        package var isRequired: Bool
        /// What stands in an example; `nil` where the object's own has it.
        package var example: JSON?

        package init(_ name: String, _ schema: Schema, about: String, isRequired: Bool, example: JSON? = nil) {
            self.name = name
            self.schema = schema
            self.about = about
            self.isRequired = isRequired
            self.example = example
        }
    }

    package init(
        name: String?, about: String, members: [Member], atLeastOneOf: [String] = [], example: JSON? = nil
    ) {
        self.name = name
        self.about = about
        self.members = members
        self.atLeastOneOf = atLeastOneOf
        self.example = example
    }
}

/// What can say what its JSON is.
package protocol Described {
    /// The same for each value of the type.
    static var schema: Schema { get }
}

extension String: Described {
    package static var schema: Schema { .string() }
}

extension Int: Described {
    package static var schema: Schema { .integer() }
}

extension Bool: Described {
    package static var schema: Schema { .boolean }
}

extension Identifier: Described {
    package static var schema: Schema { .string(format: "uuid") }
}

extension Timestamp: Described {
    package static var schema: Schema { .string(format: "date-time") }
}

extension JSON: Described {
    package static var schema: Schema { .anything }
}

extension Optional: Described where Wrapped: Described {
    package static var schema: Schema { .orNull(Wrapped.schema) }
}

extension Array: Described where Element: Described {
    package static var schema: Schema { .list(Element.schema) }
}
