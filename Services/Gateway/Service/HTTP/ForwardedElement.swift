import Primitives

/// What one proxy says in the header `Forwarded` (RFC 7239 §4).
struct ForwardedElement: Equatable {
    /// `for`: whom it was asked by; `nil` where it is unknown, or a name of the proxy's own.
    var client: IPAddress?
    /// `proto`, in lower case.
    var proto: String?

    /// The elements of all fields of the name, the client's side first. One that cannot be read says nothing.
    static func all(of values: [String]) -> [ForwardedElement] {
        values.flatMap { split($0, at: UInt8(ascii: ",")) }.map(ForwardedElement.init)
    }

    init(client: IPAddress? = nil, proto: String? = nil) {
        self.client = client
        self.proto = proto
    }

    private init(_ text: String) {
        for pair in Self.split(text, at: UInt8(ascii: ";")) {
            let parts = pair.utf8.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2, let value = Self.unquoted(String(Substring(parts[1])).trimmingBlanks()) else {
                continue
            }
            switch String(Substring(parts[0])).trimmingBlanks().lowercased() {
            case "for": client = TrustedProxies.address(value)
            case "proto": proto = value.lowercased()
            default: break
            }
        }
    }

    /// Parts of a text between separators that stand outside of quotes.
    private static func split(_ text: String, at separator: UInt8) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
            part.append(byte)
        }
        parts.append(String(decoding: part, as: UTF8.self))
        return parts
    }

    /// A token as it is, a quoted text without its quotes (RFC 9110 §5.6.4); `nil` where a quote is not closed.
    private static func unquoted(_ text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "\"") else { return text }
        guard text.utf8.count >= 2, text.utf8.last == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            isEscaped = false
            value.append(byte)
        }
        return String(decoding: value, as: UTF8.self)
    }
}
