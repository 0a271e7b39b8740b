import Primitives
import Testing

@testable import GatewayService

/// Which set of keys takes the place of which.
struct KnownKeysTests {
    /// Keys by name, each with its coordinate behind a colon.
    private func keys(_ names: [String]) -> KnownKeys {
        KnownKeys(
            names.map { name in
                let parts = name.split(separator: ":").map(String.init)
                return .object([
                    JSONMember("kid", .string(parts[0])), JSONMember("x", .string(parts[1])),
                    JSONMember("y", .string("y")),
                ])
            })
    }

    @Test(
        "Keys come and go beside one that is known; all at once, or another under a known name, they do not",
        arguments: [
            ([], ["a:1"], true), ([], [], true), (["a:1"], ["a:1"], true), (["a:1"], ["b:2", "a:1"], true),
            (["a:1", "b:2"], ["b:2"], true), (["a:1", "b:2"], ["c:3", "b:2"], true), (["a:1"], ["b:2"], false),
            (["a:1"], [], false), (["a:1"], ["a:2"], false), (["a:1", "b:2"], ["a:1", "b:3"], false),
            (["a:1"], ["b:1"], false),
        ] as [([String], [String], Bool)])
    func rule(known: [String], next: [String], isTaken: Bool) {
        #expect(keys(known).mayBecome(keys(next)) == isTaken)
    }

    @Test("A key without a name is passed over")
    func nameless() {
        #expect(KnownKeys([.object([JSONMember("x", .string("1"))])]) == KnownKeys())
        #expect(!keys(["a:1"]).mayBecome(KnownKeys([.object([JSONMember("x", .string("1"))])])))
    }
}
