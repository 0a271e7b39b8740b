package import Primitives

/// Public keys as a JSON Web Key Set.
package struct KeySet: DescribedObject, Sendable, Equatable {
    /// Each a JSON Web Key (RFC 7517) with `kid`, by which tokens name it; passed on to clients as they are.
    package var keys: [JSON]

    package init(
        keys: [JSON]
    ) {
        self.keys = keys
    }

    package static let about = "Public keys, as a JSON Web Key Set (RFC 7517)."

    package static let example = KeySet(keys: [
        .object([
            JSONMember("kty", .string("EC")), JSONMember("crv", .string("P-256")), JSONMember("kid", .string("k1")),
            JSONMember("alg", .string("ES256")), JSONMember("use", .string("sig")),
            JSONMember("x", .string("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")),
            JSONMember("y", .string("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM")),
        ])
    ])

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("keys", &object.keys, "Each with `kid`, by which tokens name it.", as: .list(.map))
    }
}
