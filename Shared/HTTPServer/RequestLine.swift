import Foundation
import HTTPTypes

/// The first line of a request (RFC 9112 §3).
struct RequestLine {
    let method: HTTPRequest.Method
    /// Path and query; `*` when the server as a whole is meant.
    let path: String
    /// The host of a target in absolute form, which counts instead of `Host`.
    let authority: String?
    let scheme: String
    let isVersion10: Bool

    init(_ line: UnsafeRawBufferPointer, scheme: String) throws(Refusal) {
        guard let methodEnd = line.offset(of: 0x20), (1...HeadLimit.method).contains(methodEnd),
            ByteClass.all(line.slice(0..<methodEnd), are: .token),
            let method = HTTPRequest.Method(line.slice(0..<methodEnd).text)
        else { throw .malformed }
        let targetEnd = line.count - 9
        guard targetEnd > methodEnd + 1 else { throw .malformed }
        isVersion10 = try Self.isVersion10(line.slice(targetEnd..<line.count))
        let target = line.slice(methodEnd + 1..<targetEnd)
        guard ByteClass.all(target, are: .target) else { throw .malformed }
        if method == .connect { throw .tunnelAsked }
        self.method = method
        if target[0] == UInt8(ascii: "/") {
            (path, authority, self.scheme) = (target.text, nil, scheme)
        } else if target.count == 1, target[0] == UInt8(ascii: "*") {
            guard method == .options else { throw .malformed }
            (path, authority, self.scheme) = ("*", nil, scheme)
        } else {
            (self.scheme, authority, path) = try Self.absolute(target)
        }
    }

    /// Reads ` HTTP/1.x`; a later minor version is spoken to as 1.1 (RFC 9110 §2.5).
    private static func isVersion10(_ text: UnsafeRawBufferPointer) throws(Refusal) -> Bool {
        let wanted: StaticString = " HTTP/1."
        for index in 0..<8 where text[index] != wanted.utf8Start[index] { throw .malformed }
        guard ByteClass.of(text[8]).contains(.digit) else { throw .malformed }
        return text[8] == UInt8(ascii: "0")
    }

    private static func absolute(
        _ target: UnsafeRawBufferPointer
    ) throws(Refusal) -> (scheme: String, authority: String, path: String) {
        guard let colon = target.offset(of: UInt8(ascii: ":")), target.count > colon + 3,
            target[colon + 1] == UInt8(ascii: "/"), target[colon + 2] == UInt8(ascii: "/")
        else { throw .malformed }
        let scheme = target.slice(0..<colon).text.lowercased()
        guard scheme == "http" || scheme == "https" else { throw .malformed }
        let rest = target.slice(colon + 3..<target.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.count
        let authority = rest.slice(0..<end)
        guard HostName.isValid(authority) else { throw .malformed }
        let path = rest.slice(end..<rest.count)
        if path.first == UInt8(ascii: "/") { return (scheme, authority.text, path.text) }
        return (scheme, authority.text, "/" + path.text)
    }
}

/// The host and port that a request is for (RFC 3986 §3.2.2 and §3.2.3; a user's name has no place here).
enum HostName {
    static func isValid(_ value: UnsafeRawBufferPointer) -> Bool {
        let end: Int
        if value.first == UInt8(ascii: "[") {
            guard let bracket = value.offset(of: UInt8(ascii: "]")), isAddress(value.slice(1..<bracket)) else {
                return false
            }
            end = bracket + 1
        } else {
            end = value.offset(of: UInt8(ascii: ":")) ?? value.count
            guard isName(value.slice(0..<end)) else { return false }
        }
        if end == value.count { return true }
        return value[end] == UInt8(ascii: ":") && value.count - end <= 6
            && ByteClass.all(value.slice(end + 1..<value.count), are: .digit)
    }

    private static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < name.count {
            if name[index] == UInt8(ascii: "%") {
                guard index + 2 < name.count, ByteClass.all(name.slice(index + 1..<index + 3), are: .hexDigit) else {
                    return false
                }
                index += 3
            } else {
                guard ByteClass.of(name[index]).contains(.host) else { return false }
                index += 1
            }
        }
        return !name.isEmpty
    }

    /// IPv6, or an address of a later version: `v`, its number, a dot and the rest.
    private static func isAddress(_ address: UnsafeRawBufferPointer) -> Bool {
        guard !address.isEmpty else { return false }
        if address[0] | 0x20 == UInt8(ascii: "v") {
            guard let dot = address.offset(of: UInt8(ascii: ".")), dot > 1, dot + 1 < address.count else {
                return false
            }
            return ByteClass.all(address.slice(1..<dot), are: .hexDigit)
                && address[(dot + 1)...].allSatisfy { $0 == UInt8(ascii: ":") || ByteClass.of($0).contains(.host) }
        }
        guard !address.contains(0) else { return false }
        var bytes = in6_addr()
        return inet_pton(AF_INET6, address.text, &bytes) == 1
    }
}
