import Contracts
import Primitives

/// An access token in compact form (RFC 7515 §7.1), taken apart and not believed yet. There is one spelling of each: what
/// no encoder makes is none.
struct SignedToken {
    /// The longest that is looked at, in bytes.
    static let longest = 4096
    /// R and S of ES256, 32 bytes each (RFC 7518 §3.4).
    private static let signatureLength = 64

    /// The key that it says it was signed with.
    let keyID: String
    let type: TokenType
    /// What is signed: the first two parts with the dot between them.
    let signed: Substring.UTF8View
    let signature: [UInt8]
    /// JSON, to be read when the signature is found to be good.
    let payload: [UInt8]

    /// What a token calls itself in its header.
    enum TokenType {
        case accessToken
        /// `JWT`, as the version before calls its own.
        case plain
    }

    /// - Returns: `nil` for anything but three parts of strict Base64URL, a header that names the one algorithm, a key
    ///   and a type, and a signature of the right length.
    init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(String(Substring(parts[0]))),
            let payload = Base64URL.decode(String(Substring(parts[1]))),
            let signature = Base64URL.decode(String(Substring(parts[2]))), signature.count == Self.signatureLength,
            let fields = Self.object(header), let type = Self.type(fields["typ"]), fields["alg"].string == "ES256",
            // Extensions that must be understood (RFC 7515 §4.1.11): there are none.
            fields["crit"].isNull, let keyID = fields["kid"].string, (1...128).contains(keyID.utf8.count)
        else { return nil }
        self.keyID = keyID
        self.type = type
        self.signature = signature
        self.payload = payload
        signed = text.utf8[..<parts[1].endIndex]
    }

    /// The object that `bytes` are; `nil` where a name stands twice, of which readers might take different ones.
    static func object(_ bytes: [UInt8]) -> JSON? {
        guard let parsed = try? JSONParser.parse(bytes, maximumDepth: JSONParser.clientDepth), parsed.defects.isEmpty,
            case .object = parsed.value
        else { return nil }
        return parsed.value
    }

    /// Media types are the same in any case, with or without `application/` (RFC 7515 §4.1.9).
    private static func type(_ value: JSON) -> TokenType? {
        guard let text = value.string, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        return switch text.lowercased() {
        case AccessTokenClaims.type, "application/\(AccessTokenClaims.type)": .accessToken
        case "jwt": .plain
        default: nil
        }
    }
}
