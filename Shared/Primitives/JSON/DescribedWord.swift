/// One of a few words that clients see: an enumeration whose cases say how they are spelled.
package protocol DescribedWord: RawRepresentable<String>, CaseIterable, JSONCodable, Described, Sendable {
    /// A sentence on what the words tell.
    static var about: String { get }
    /// Under which documents list the words.
    static var schemaName: String { get }
}

extension DescribedWord {
    package static var schemaName: String { String(describing: Self.self) }

    package static var schema: Schema {
        .words(WordSchema(name: schemaName, about: about, words: allCases.map(\.rawValue)))
    }

    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let word = Self(rawValue: text) else {
            throw JSONMismatch(expected: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = word
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}
