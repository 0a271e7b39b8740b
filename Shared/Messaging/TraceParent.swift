/// The trace that a request belongs to, as its client tells it: the field `traceparent` of W3C Trace Context
/// (https://www.w3.org/TR/trace-context/#traceparent-header).
package enum TraceParent {
    /// Version, trace, parent and flags of version 00, with the hyphens between them.
    private static let length = 55

    /// The field to pass on: as it came where it is of version 00; a later version, of which the same parts are known,
    /// is written down to 00, with no flag but the one that 00 knows.
    /// - Parameter values: the field's, each by itself: one that stands twice is worth nothing.
    /// - Returns: `nil` for what is not of the grammar; the trace then begins with us.
    package static func accepted(_ values: [String]) -> String? {
        guard values.count == 1, let text = values.first else { return nil }
        let bytes = Array(text.utf8)
        guard bytes.count >= length, [2, 35, 52].allSatisfy({ bytes[$0] == hyphen }) else { return nil }
        let version = bytes[0..<2]
        let (trace, parent, flags) = (bytes[3..<35], bytes[36..<52], bytes[53..<55])
        guard [version, trace, parent, flags].allSatisfy({ $0.allSatisfy(isLowerHex) }),
            hasValue(trace), hasValue(parent), !version.elementsEqual("ff".utf8)
        else { return nil }
        if !hasValue(version) { return bytes.count == length ? text : nil }
        guard bytes.count == length || bytes[length] == hyphen, let known = flags.last.flatMap(hexValue) else {
            return nil
        }
        return String(decoding: "00-".utf8 + trace + [hyphen] + parent, as: UTF8.self) + "-0\(known & 1)"
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isLowerHex(_ byte: UInt8) -> Bool { hexValue(byte) != nil }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func hasValue(_ digits: ArraySlice<UInt8>) -> Bool { digits.contains { $0 != UInt8(ascii: "0") } }
}
