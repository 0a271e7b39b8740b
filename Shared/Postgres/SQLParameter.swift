package import Primitives

/// What can be interpolated into an `SQL`.
///
/// An enum with such a raw value needs no more than `extension OrderStatus: SQLParameter {}`.
package protocol SQLParameter: Sendable {
    /// Adds exactly one parameter.
    func encode(into buffer: inout ParameterBuffer)
}

/// What can be an element of an interpolated array.
package protocol SQLArrayElement: Sendable {
    /// Adds the value as an element of an array literal: quoted where it needs to be.
    func encodeElement(into bytes: inout [UInt8])
    /// Adds a whole array as one parameter. Only `UInt8`, whose array is a `bytea`, has another one than the default.
    static func encodeArray(_ values: [Self], into buffer: inout ParameterBuffer)
}

/// JSON text, for `json` and `jsonb`.
package struct JSONText: Hashable, Sendable {
    package var text: String

    /// - Parameter text: not looked at here; the server refuses what is no JSON.
    package init(_ text: String) { self.text = text }
}

extension String: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append(text: self) }
}

extension Substring: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append(text: self) }
}

extension JSONText: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append(text: text) }
}

extension SQLParameter where Self: BinaryInteger {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append { $0.appendDecimal(self) } }
}

extension Int: SQLParameter {}
extension Int32: SQLParameter {}
extension Int64: SQLParameter {}
/// Sent as a `bigint`: above `Int64.max` the server answers 22003.
extension UInt64: SQLParameter {}

extension Bool: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) {
        buffer.append { $0.append(UInt8(ascii: self ? "t" : "f")) }
    }
}

extension Double: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append(text: description) }
}

extension Identifier: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append { $0.append(self) } }
}

extension Timestamp: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { buffer.append { $0.append(self) } }
}

extension Optional: SQLParameter where Wrapped: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) {
        if let self { self.encode(into: &buffer) } else { buffer.appendNull() }
    }
}

extension Array: SQLParameter where Element: SQLArrayElement {
    package func encode(into buffer: inout ParameterBuffer) { Element.encodeArray(self, into: &buffer) }
}

extension SQLParameter where Self: RawRepresentable, RawValue: SQLParameter {
    package func encode(into buffer: inout ParameterBuffer) { rawValue.encode(into: &buffer) }
}

extension [UInt8] {
    /// `value` in decimal digits, without a string between.
    mutating func appendDecimal(_ value: some BinaryInteger) {
        var magnitude = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        repeat {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder))
            magnitude = quotient
        } while magnitude != 0
        self[start...].reverse()
    }

    mutating func append(_ identifier: Identifier) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
            identifier.write(into: buffer)
            append(contentsOf: buffer)
        }
    }

    mutating func append(_ timestamp: Timestamp) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            timestamp.write(into: buffer)
            append(contentsOf: buffer)
        }
    }

    /// The `\x…` text of a `bytea`, or with `escapes` as it stands between the quotes of an array literal.
    mutating func appendBytea(_ value: [UInt8], escaped: Bool = false) {
        let digits = Array("0123456789abcdef".utf8)
        reserveCapacity(count + value.count * 2 + 3)
        append(UInt8(ascii: "\\"))
        if escaped { append(UInt8(ascii: "\\")) }
        append(UInt8(ascii: "x"))
        for byte in value {
            append(digits[Int(byte >> 4)])
            append(digits[Int(byte & 0xF)])
        }
    }
}
