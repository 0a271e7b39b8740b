import Primitives

/// A password's hash with all that is needed to compare another password with it, written as in the PHC string format:
/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`, base 64 without padding.
package struct PasswordHash: RawRepresentable, Sendable, Equatable {
    package var parameters: Argon2Parameters
    package var salt: [UInt8]
    package var tag: [UInt8]

    package init(parameters: Argon2Parameters, salt: [UInt8], tag: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.tag = tag
    }

    /// `nil` for anything but Argon2id version 1.3 in this form, and for parameters that the library would refuse.
    package init?(encoded text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=\(Argon2.version)",
            let salt = Self.decode(parts[4]), (8...64).contains(salt.count),
            let tag = Self.decode(parts[5]), (16...64).contains(tag.count)
        else { return nil }
        let costs = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard costs.count == 3, let memory = Self.cost("m", costs[0]), let iterations = Self.cost("t", costs[1]),
            let lanes = Self.cost("p", costs[2]), iterations > 0, (1...255).contains(lanes), memory >= 8 * lanes
        else { return nil }
        self.init(
            parameters: Argon2Parameters(memoryKiB: memory, iterations: iterations, lanes: lanes), salt: salt, tag: tag)
    }

    package var rawValue: String { encoded }

    package init?(rawValue: String) { self.init(encoded: rawValue) }

    package var encoded: String {
        "$argon2id$v=\(Argon2.version)$m=\(parameters.memoryKiB),t=\(parameters.iterations),p=\(parameters.lanes)"
            + "$\(Self.encode(salt))$\(Self.encode(tag))"
    }

    /// A hash that no password is known for, to be compared with when there is no account: the comparison costs the
    /// same.
    package static func unmatchable(parameters: Argon2Parameters) -> PasswordHash {
        PasswordHash(
            parameters: parameters, salt: .random(count: Argon2.saltLength), tag: .random(count: Argon2.tagLength))
    }

    private static func cost(_ name: String, _ text: Substring) -> UInt32? {
        guard text.hasPrefix("\(name)=") else { return nil }
        return UInt32(text.dropFirst(name.count + 1))
    }

    /// The PHC format takes the standard alphabet, which differs from the URL-safe one in two characters.
    private static func encode(_ bytes: [UInt8]) -> String {
        String(Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        guard !text.contains("-"), !text.contains("_") else { return nil }
        return Base64URL.decode(String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }))
    }
}

extension [UInt8] {
    /// Bytes from the system's generator, good for salts, tokens and keys.
    static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Whether two secrets are the same, in a time that does not depend on where they differ.
    func matches(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
