package import Primitives

// The text of arrays: https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO

extension SQLArrayElement {
    /// An array of one dimension, as text.
    package static func encodeArray(_ values: [Self], into buffer: inout ParameterBuffer) {
        buffer.append { bytes in
            bytes.append(UInt8(ascii: "{"))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.encodeElement(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension [UInt8] {
    /// Text between double quotes, quotes and backslashes escaped: so that `NULL`, commas, braces and the empty text
    /// stay text.
    fileprivate mutating func appendQuoted(_ text: some StringProtocol) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }
}

extension String: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.appendQuoted(self) }
}

extension Substring: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.appendQuoted(self) }
}

extension JSONText: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.appendQuoted(text) }
}

extension SQLArrayElement where Self: BinaryInteger {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.appendDecimal(self) }
}

extension Int: SQLArrayElement {}
extension Int32: SQLArrayElement {}
extension Int64: SQLArrayElement {}
extension UInt64: SQLArrayElement {}

extension Bool: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.append(UInt8(ascii: self ? "t" : "f")) }
}

extension Double: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}

extension Identifier: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.append(self) }
}

extension Timestamp: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(self)
        bytes.append(UInt8(ascii: "\""))
    }
}

extension Optional: SQLArrayElement where Wrapped: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) {
        if let self { self.encodeElement(into: &bytes) } else { bytes.append(contentsOf: "NULL".utf8) }
    }
}

/// So that `[[UInt8]]` is a `bytea[]`.
extension Array: SQLArrayElement where Element == UInt8 {
    package func encodeElement(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes.appendBytea(self, escaped: true)
        bytes.append(UInt8(ascii: "\""))
    }
}

/// Not a parameter by itself: only so that `[UInt8]` is a `bytea`.
extension UInt8: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { bytes.appendDecimal(self) }

    /// The bytes as one `bytea`.
    package static func encodeArray(_ values: [UInt8], into buffer: inout ParameterBuffer) {
        buffer.append { $0.appendBytea(values) }
    }
}

extension SQLArrayElement where Self: RawRepresentable, RawValue: SQLArrayElement {
    package func encodeElement(into bytes: inout [UInt8]) { rawValue.encodeElement(into: &bytes) }
}
