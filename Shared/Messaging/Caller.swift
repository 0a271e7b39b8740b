package import Primitives

/// What an account may do.
package enum Role: String, Sendable, CaseIterable {
    case admin = "Admin"
    case regular = "Regular"
}

extension Role: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let role = Role(rawValue: text) else { throw JSONMismatch(expected: "a role") }
        self = role
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}

/// The signed-in user on whose behalf a request is made, as the gateway has verified it.
///
/// Services believe it because only gateways may publish requests (the message server's permissions hold that).
package struct Caller: Sendable, Equatable {
    package var userID: Identifier
    package var sessionID: Identifier
    package var role: Role
    package var name: String

    package init(userID: Identifier, sessionID: Identifier, role: Role, name: String) {
        self.userID = userID
        self.sessionID = sessionID
        self.role = role
        self.name = name
    }

    package var isAdmin: Bool { role == .admin }
}

extension Caller {
    /// For a message header: four words, the name percent-encoded, because a header is visible ASCII.
    package var headerValue: String {
        var text = "\(userID) \(sessionID) \(role.rawValue) "
        for byte in name.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text.append("%")
                if byte < 16 { text.append("0") }
                text.append(String(byte, radix: 16))
            }
        }
        return text
    }

    package init?(headerValue: String) {
        let words = headerValue.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, let user = Identifier(words[0]), let session = Identifier(words[1]),
            let role = Role(rawValue: String(words[2]))
        else { return nil }
        var bytes: [UInt8] = []
        var rest = words[3].utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                // A sign would be read as part of a number.
                guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, !digits.hasPrefix("+"),
                    let value = UInt8(digits, radix: 16)
                else { return nil }
                rest = rest.dropFirst(2)
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(userID: user, sessionID: session, role: role, name: name)
    }
}
