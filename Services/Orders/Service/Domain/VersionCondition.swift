package import Messaging
import Primitives

/// The condition of an `If-Match` header (RFC 9110 §13.1.1): the change is wanted only for one of these versions.
package struct VersionCondition: Sendable, Equatable {
    /// The tags that are wanted; `nil` for no condition and for `*`.
    private var tags: [String]?

    package init(ifMatch: String?) {
        guard let ifMatch else { return }
        let tags = ifMatch.utf8.split(separator: UInt8(ascii: ",")).map { tag in
            let words = tag.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            return String(Substring(words.count == 1 ? words[0] : tag))
        }
        if tags == ["*"] { return }
        self.tags = tags
    }

    /// - Throws: `version-mismatch` when the condition does not hold for `version`.
    package func require(_ version: Int) throws(ServiceError) {
        // The strong comparison: a weak tag never matches, nor one that is not ours.
        guard let tags, !tags.contains(where: { $0.isExactly("\"\(version)\"") }) else { return }
        throw ServiceError(.versionMismatch, "The order has changed meanwhile: it is now at version \(version).")
    }
}
