package import Messaging

/// The condition of an `If-Match` header (RFC 9110 §13.1.1): the change is wanted only for one of these versions.
package struct VersionCondition: Sendable, Equatable {
    /// `nil` for no condition and for `*`.
    private var versions: [Int]?

    package init(ifMatch: String?) {
        guard let ifMatch else { return }
        let tags = ifMatch.split(separator: ",").map { tag in
            String(tag.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        if tags == ["*"] { return }
        // Weak tags never match in If-Match; a tag that is not one of ours matches nothing.
        versions = tags.compactMap { tag in
            tag.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"") ? Int(tag.dropFirst().dropLast()) : nil
        }
    }

    /// - Throws: `version-mismatch` when the condition does not hold for `version`.
    package func require(_ version: Int) throws(ServiceError) {
        guard let versions, !versions.contains(version) else { return }
        throw ServiceError(.versionMismatch, "The order has changed meanwhile: it is now at version \(version).")
    }
}
