import Primitives

/// Where a page comes from: scheme, host and port (RFC 6454 §4), as browsers tell it in `Origin`.
///
/// Two are equal when a browser takes them for the same: case does not count, a scheme's own port need not be written,
/// and an IPv6 address may be written in any way. `capacitor://localhost` and its like, of apps that bring a browser of
/// their own, are origins as well; `null` is none, and neither is what holds anything but ASCII.
struct WebOrigin: Sendable, Hashable {
    private let scheme: String
    /// In lower case; an IPv6 address in brackets, as RFC 5952 writes it.
    private let host: String
    private let port: UInt16?

    /// - Parameter text: `scheme://host` or `scheme://host:port`, and nothing behind it.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 512, let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        self.init(scheme: bytes[..<colon], authority: bytes[(colon + 3)...])
    }

    /// The origin of what is reached at `authority`, as `Host` has it, over `scheme`.
    init?(scheme: String, authority: String) {
        self.init(scheme: Array(scheme.utf8)[...], authority: Array(authority.utf8)[...])
    }

    private init?(scheme: ArraySlice<UInt8>, authority: ArraySlice<UInt8>) {
        guard let first = scheme.first, Self.isLetter(first),
            scheme.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) || "+-.".utf8.contains($0) })
        else { return nil }
        self.scheme = Self.lowercased(scheme)
        let rest: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")),
                let address = IPAddress(String(decoding: authority[(authority.startIndex + 1)..<end], as: UTF8.self)),
                authority[..<end].contains(UInt8(ascii: ":"))
            else { return nil }
            host = "[\(address)]"
            rest = authority[(end + 1)...]
        } else {
            let end = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
            let name = authority[..<end]
            guard !name.isEmpty, name.count <= 255,
                name.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) || "-._".utf8.contains($0) })
            else { return nil }
            host = Self.lowercased(name)
            rest = authority[end...]
        }
        if rest.isEmpty {
            port = Self.ownPort(of: self.scheme)
        } else {
            let digits = rest.dropFirst()
            guard rest.first == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(Self.isDigit),
                let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
            else { return nil }
            port = number
        }
    }

    private static func ownPort(of scheme: String) -> UInt16? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte < 0x80
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Of ASCII alone, so that no sign becomes a letter that it only resembles.
    private static func lowercased(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
