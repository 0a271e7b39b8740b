import Contracts
import Crypto
import Primitives
import Testing

@testable import GatewayService

/// Which set of keys takes the place of which.
struct VerificationKeysTests {
    private static let points = (0..<3).map { _ in Array(P256.Signing.PrivateKey().publicKey.rawRepresentation) }

    /// Keys by name, each with the number of its point behind a colon.
    private func keys(_ names: [String]) -> VerificationKeys {
        VerificationKeys(
            KeySet(
                keys: names.map { name in
                    let parts = name.split(separator: ":").map(String.init)
                    let point = Self.points[Int(parts[1]) ?? 0]
                    return .object([
                        JSONMember("kty", .string("EC")), JSONMember("crv", .string("P-256")),
                        JSONMember("kid", .string(parts[0])),
                        JSONMember("x", .string(Base64URL.encode(Array(point.prefix(32))))),
                        JSONMember("y", .string(Base64URL.encode(Array(point.suffix(32))))),
                    ])
                }))
    }

    @Test(
        "Keys come and go beside one that is known; all at once, or another under a known name, they do not",
        arguments: [
            ([], ["a:0"], true), ([], [], true), (["a:0"], ["a:0"], true), (["a:0"], ["b:1", "a:0"], true),
            (["a:0", "b:1"], ["b:1"], true), (["a:0", "b:1"], ["c:2", "b:1"], true), (["a:0"], ["b:1"], false),
            (["a:0"], [], false), (["a:0"], ["a:1"], false), (["a:0", "b:1"], ["a:0", "b:2"], false),
            (["a:0"], ["b:0"], false),
        ] as [([String], [String], Bool)])
    func rule(known: [String], next: [String], isTaken: Bool) {
        #expect(keys(known).mayBecome(keys(next)) == isTaken)
    }

    @Test("A key without a name is passed over")
    func nameless() {
        let key = KeySet(keys: [.object([JSONMember("kty", .string("EC")), JSONMember("crv", .string("P-256"))])])
        #expect(VerificationKeys(key).ids.isEmpty)
    }
}
