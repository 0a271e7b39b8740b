/// A text that is told from another by its code points, for sets and as a key.
///
/// Swift's `==`, and with it `Set` and `Dictionary`, takes texts for equal that differ only in their Unicode
/// normalisation, such as `é` written as one code point and as two; even `K` equals the Kelvin sign. To a client these
/// are different texts, so whatever came from one is compared like this.
package struct ExactText: Hashable, Sendable {
    package let text: String

    /// - Parameter text: kept as it is; nothing is normalised.
    package init(_ text: String) { self.text = text }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.isExactly(right.text) }

    package func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// Whether both are the same code points one by one, unlike `==`.
    package func isExactly(_ other: String) -> Bool {
        // The same code points are always equal to `==`, which tells short texts apart at a glance.
        guard self == other else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { own in
            other.utf8.withContiguousStorageIfAvailable { own.count == $0.count && own.elementsEqual($0) }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
