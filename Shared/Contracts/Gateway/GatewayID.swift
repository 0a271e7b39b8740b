/// Names one gateway process among all that run, from its start to its end: ten lower-case letters and digits, drawn at
/// random. May stand in a subject as a word of its own.
package struct GatewayID: Hashable, Sendable, Comparable, CustomStringConvertible {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let length = 10

    /// The ten characters.
    package let description: String

    /// Reads one; `nil` for any other text.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, bytes.allSatisfy(Self.letters.contains) else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    private init(bytes: [UInt8]) { description = String(decoding: bytes, as: UTF8.self) }

    /// One that no other process has.
    package static func make() -> GatewayID {
        GatewayID(bytes: (0..<length).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }

    package static func < (left: GatewayID, right: GatewayID) -> Bool { left.description < right.description }
}
