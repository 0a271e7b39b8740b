#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a gateway is reached.
struct Origin: Sendable, Hashable {
    let isSecure: Bool
    /// A name, or an address without brackets.
    let host: String
    let port: Int

    /// - Throws: `invalid-origin` for what is not `http` or `https`, a host, and perhaps a port.
    init(_ text: String) throws(Problem) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty,
            ["", "/"].contains(parts.path),
            parts.user == nil, parts.query == nil, parts.fragment == nil
        else { throw Problem(.invalidOrigin, "An address is https://host or https://host:port, not \(text).") }
        isSecure = scheme == "https"
        self.host = host.first == "[" ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (isSecure ? 443 : 80)
        guard (1...65_535).contains(port) else { throw Problem(.invalidOrigin, "There is no port \(port).") }
    }

    /// As the Host field has it (RFC 9110, 7.2).
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Of a path that begins with a slash.
    func url(_ path: String) -> String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}

/// Texts as parts of an address (RFC 3986, 2.3): everything but unreserved characters is escaped, so that no value
/// changes which path is meant.
enum Escaped {
    static func component(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }

    /// `?name=value&…`, or nothing.
    static func query(_ values: [(name: String, value: String)]) -> String {
        guard !values.isEmpty else { return "" }
        return "?" + values.map { "\(component($0.name))=\(component($0.value))" }.joined(separator: "&")
    }
}
