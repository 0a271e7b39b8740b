import Testing

@testable import AuthService

struct PasswordHashTests {
    /// From the test suite of the reference implementation (argon2id, v=19, m=2^16, t=2, p=1).
    private static let reference =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

    @Test("The reference implementation's vector comes out")
    func vector() throws {
        let hash = try #require(PasswordHash(encoded: Self.reference))
        #expect(hash.salt == Array("somesalt".utf8))
        let tag = try Argon2.tag(password: Array("password".utf8), salt: hash.salt, parameters: hash.parameters)
        #expect(tag == hash.tag)
        #expect(hash.encoded == Self.reference)
    }

    @Test("A hash reads as it was written")
    func roundTrip() {
        for _ in 0..<50 {
            let hash = PasswordHash.unmatchable(parameters: Argon2Parameters())
            #expect(PasswordHash(encoded: hash.encoded) == hash)
        }
    }

    @Test(
        "What is no Argon2id hash is not taken for one",
        arguments: [
            "", "$", "password",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFh",
            "$argon2id$v=19$m=65536,t=2,p=1$$CTFhFdXPJO1aFaMaO6Mm5c8y7cJH",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ=$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ])
    func malformed(_ text: String) { #expect(PasswordHash(encoded: text) == nil) }

    @Test("Secrets are the same only when all of their bytes are")
    func matching() {
        let secret = [UInt8].random(count: 32)
        #expect(secret.matches(secret))
        for position in secret.indices {
            var other = secret
            other[position] ^= 1
            #expect(!secret.matches(other))
        }
        #expect(!secret.matches(Array(secret.dropLast())))
    }
}
