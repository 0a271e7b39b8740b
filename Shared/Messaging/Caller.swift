package import Primitives

/// What an account may do.
package enum Role: String, DescribedWord {
    package static let about = "What an account may do."

    case admin = "Admin"
    case regular = "Regular"
}

/// The signed-in user on whose behalf a request is made, as the gateway has verified it.
///
/// Services believe it because only gateways may publish requests (the message server's permissions hold that).
package struct Caller: Sendable, Equatable {
    /// The account's id: the claim `sub` of the access token.
    package var userID: Identifier
    /// The claim `sid`: whoever ends it cuts the caller's sockets.
    package var sessionID: Identifier
    /// As the token says; a change of it makes the token `token-expired` at the gateways.
    package var role: Role
    /// As the token says: good until a service has been told the name by auth.
    package var name: String

    package init(userID: Identifier, sessionID: Identifier, role: Role, name: String) {
        self.userID = userID
        self.sessionID = sessionID
        self.role = role
        self.name = name
    }

    /// Whether the caller may do what is for Admins.
    package var isAdmin: Bool { role == .admin }
}

extension Caller {
    /// For a message header: four words, the name percent-encoded, because a header is visible ASCII.
    package var headerValue: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(96 + name.utf8.count)
        for word in [userID.description, sessionID.description, role.rawValue] {
            text.append(contentsOf: word.utf8)
            text.append(UInt8(ascii: " "))
        }
        for byte in name.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: text.append(byte)
            default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads what `headerValue` wrote; `nil` for anything else, upon which the request is refused.
    package init?(headerValue: String) {
        let words = headerValue.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 4, let user = Identifier(Substring(words[0])),
            let session = Identifier(Substring(words[1])),
            let role = Role(rawValue: String(Substring(words[2]))), let name = Self.percentDecoded(words[3])
        else { return nil }
        self.init(userID: user, sessionID: session, role: role, name: name)
    }

    private static func percentDecoded(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}
