/// A number as it was written. Equal texts are equal numbers; `1` and `1.0` are not compared by value.
package struct JSONNumber: Sendable, Equatable {
    /// Valid by RFC 8259's grammar: only the parser and the initialisers here make one.
    package let text: String

    init(validated text: String) { self.text = text }

    /// Written in decimal digits.
    package init(_ value: Int) { text = String(value) }

    /// The value, when it is exactly whole and in range, in whatever form it is written: `2`, `2.0`, `20e-1`.
    ///
    /// Decided on the digits: a binary fraction has no room for many of them, and would take `0.99999999999999999999`
    /// for 1.
    package var integer: Int? { Int(text) ?? Scaled(text).integer }
}

/// The digits of a number and how many places the decimal point stands to their right.
private struct Scaled {
    private var isNegative = false
    /// Without zeros at either end; empty for nought.
    private var digits: ArraySlice<UInt8> = []
    private var exponent = 0

    /// - Parameter text: valid by RFC 8259's grammar.
    init(_ text: String) {
        // No text that fits into memory has as many digits, so an exponent beyond it decides by its sign alone.
        let bound = 1 << 48
        var isFraction = false
        var rest = Substring(text).utf8[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest.removeFirst()
        }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                let isDown = rest.first == UInt8(ascii: "-")
                if isDown || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
                let shift = rest.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), bound) }
                exponent += isDown ? -shift : shift
                break
            } else {
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        digits = digits.drop { $0 == 0 }
    }

    var integer: Int? {
        if digits.isEmpty { return 0 }
        // 19 digits are those of the largest; more are not even looked at.
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var value = 0
        for digit in digits + Array(repeating: 0, count: exponent) {
            let (product, hasOverflown) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(isNegative ? -Int(digit) : Int(digit))
            guard !hasOverflown, !isTooLarge else { return nil }
            value = sum
        }
        return value
    }
}
