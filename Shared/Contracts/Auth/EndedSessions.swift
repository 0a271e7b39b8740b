package import Primitives

/// Sessions of an account that ended together, however many they are: all up to one of them. Sessions of an account are
/// named in the order of their beginnings.
package struct EndedSessions: JSONCodable, Sendable, Equatable {
    /// The last one that ended.
    package var through: Identifier
    /// The one that went on: of whoever ended the others.
    package var except: Identifier?

    package init(through: Identifier, except: Identifier? = nil) {
        self.through = through
        self.except = except
    }

    package init(json: JSON) throws(JSONMismatch) {
        through = try json.get("through")
        except = try json.get("except")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("through", through)
            $0.fieldIfPresent("except", except)
        }
    }

    /// Whether `session` is one of them.
    package func contain(_ session: Identifier) -> Bool { session <= through && session != except }

    /// The later of two endings, which holds the earlier one: whoever ended the others was not yet there, or was one that
    /// went on.
    package static func later(_ one: EndedSessions?, _ other: EndedSessions?) -> EndedSessions? {
        guard let one, let other else { return one ?? other }
        return other.through >= one.through ? other : one
    }
}
