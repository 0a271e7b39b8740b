import Primitives

/// What a browser's device cookie holds: 256 random bits, by which a device that signed in before is known again. It
/// opens nothing.
struct DeviceToken: Sendable, Equatable {
    private static let length = 32

    let text: String

    /// - Parameter text: `nil` for what is none of ours.
    init?(_ text: String?) {
        guard let text, text.utf8.count == 43, Base64URL.decode(text)?.count == Self.length else { return nil }
        self.text = text
    }

    private init(made text: String) { self.text = text }

    static func make() -> DeviceToken { DeviceToken(made: Base64URL.encode([UInt8].random(count: length))) }
}
