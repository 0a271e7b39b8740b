import Messaging

/// What a person's name may hold, beyond its length. Others read it beside texts that are not its owner's, so it must
/// not hide, break lines or turn them round.
package enum PersonName {
    /// - Returns: what is wrong with `name` in words; `nil` when nothing is.
    package static func fault(in name: String) -> String? {
        let scalars = name.unicodeScalars
        if scalars.contains(where: isControl) { return "must not contain control characters" }
        if scalars.contains(where: turnsText) { return "must not contain characters that turn the direction of text" }
        return scalars.contains(where: isVisible) ? nil : "must have at least one visible character"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Embeddings, overrides and isolates with their ends (UAX #9 §2.1 to 2.5). The marks that only stand for a letter
    /// of one direction (§2.6) are needed in names of mixed scripts and reach no further.
    private static func turnsText(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // A mark is seen only on the character before it.
        case .nonspacingMark, .enclosingMark, .format, .spaceSeparator: false
        default: !scalar.isBlank && !empty.contains(scalar.value)
        }
    }

    /// Symbols and letters by their category that show nothing: the Braille pattern without a dot, the musical null
    /// notehead, the Egyptian blanks.
    private static let empty: Set<UInt32> = [0x2800, 0x1D159, 0x13441, 0x13442]
}
