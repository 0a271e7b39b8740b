/// What can be told of an e-mail address without sending mail to it. Addresses are compared by the database
/// (`Folding`).
package enum EmailAddress {
    /// Characters that in an address stand only between quotes or in comments (RFC 5322 §3.2.3), which nobody's address
    /// has.
    private static let specials: Set<Unicode.Scalar> = ["<", ">", "(", ")", "[", "]", ",", ";", ":", "\\", "\""]

    /// One `@` with something on both sides, no white space, and a domain whose labels are not empty. `localhost`
    /// passes: people test.
    package static func isPlausible(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        let isClean = scalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && !specials.contains(scalar)
        }
        let parts = scalars.split(separator: "@", omittingEmptySubsequences: false)
        guard isClean, parts.count == 2, !parts[0].isEmpty else { return false }
        return parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }
}
