import Contracts
import Crypto
import JWTKit
import Messaging
import Primitives
import Synchronization
import TestKit
import Testing

@testable import GatewayService

/// One token has one spelling, and says by its header what it is.
@Suite(.bounded)
struct TokenSpellingTests {
    private let caller = Caller.regular("Zoë")

    private func code(_ token: String, _ gateway: TestGateway) async -> ErrorCode? {
        do throws(ServiceError) {
            _ = try await gateway.service.commands.authenticator.verifier.verify(token)
            return nil
        } catch {
            return error.code
        }
    }

    /// A token with a header and a payload of the test's own, signed with the key that gateways know.
    private func signed(_ header: String, _ gateway: TestGateway, payload: String? = nil) async throws -> String {
        let token = try await gateway.token(for: caller)
        let parts = token.split(separator: ".").map(String.init)
        let input = "\(encoded(header)).\(payload.map(encoded) ?? parts[1])"
        let pem = gateway.auth.state.withLock { $0.keys[$0.keys.count - 1].key.pemRepresentation }
        let signature = try P256.Signing.PrivateKey(pemRepresentation: pem).signature(for: Array(input.utf8))
        return "\(input).\(Base64URL.encode(Array(signature.rawRepresentation)))"
    }

    private func encoded(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    private func keyID(_ gateway: TestGateway) -> String { gateway.auth.state.withLock { $0.keys[0].id } }

    @Test("No other spelling of a good token is taken for it, in any of its parts")
    func spellings() async throws {
        try await TestGateway.with { gateway in
            let token = try await gateway.token(for: caller)
            #expect(await code(token, gateway) == nil)
            let parts = token.split(separator: ".").map(String.init)
            var others: [String] = []
            for place in parts.indices {
                let part = parts[place]
                let bytes = try #require(Base64URL.decode(part))
                let classic = part.replacing("-", with: "+").replacing("_", with: "/")
                var spellings = [
                    part + "=", part + "==", part + "A", part + " ", " " + part, part + "\n", part + "\u{301}",
                ]
                if classic != part { spellings.append(classic) }
                // Bits behind the last byte that mean nothing.
                let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                spellings += alphabet.map { String(part.dropLast()) + String($0) }.filter { $0 != part }
                spellings += [String(part.prefix(4)) + "\n" + String(part.dropFirst(4)), ""]
                spellings += [
                    Base64URL.encode(bytes + [0]), Base64URL.encode([0] + bytes), Base64URL.encode(bytes.dropLast()),
                ]
                for spelling in spellings {
                    var changed = parts
                    changed[place] = spelling
                    others.append(changed.joined(separator: "."))
                }
            }
            others += [token + ".", "." + token, token + ".AA", "Bearer \(token)", parts.joined(separator: "..")]
            #expect(others.count > 150)
            for other in others { #expect(await code(other, gateway) == .unauthenticated, "\(other)") }
            #expect(gateway.service.commands.authenticator.verifier.keptCount == 1)
        }
    }

    @Test("The header names the type, the algorithm and the key, once, and no extension")
    func headers() async throws {
        try await TestGateway.with { gateway in
            let kid = keyID(gateway)
            let good = [
                #"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt"}"#, #"{"typ":"AT+JWT","kid":"\#(kid)","alg":"ES256"}"#,
                #"{"alg":"ES256","kid":"\#(kid)","typ":"application/at+jwt","x":1}"#,
            ]
            for header in good {
                let token = try await signed(header, gateway)
                #expect(await code(token, gateway) == nil, "\(header)")
            }
            let bad = [
                #"{"alg":"ES256","kid":"\#(kid)"}"#, #"{"alg":"ES256","kid":"\#(kid)","typ":null}"#,
                #"{"alg":"ES256","kid":"\#(kid)","typ":"id+jwt"}"#,
                #"{"alg":"ES256","kid":"\#(kid)","typ":["at+jwt"]}"#,
                #"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt","crit":["exp"]}"#,
                #"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt","kid":"\#(kid)"}"#,
                #"{"alg":"ES256","typ":"at+jwt"}"#, #"{"alg":"ES256","kid":"","typ":"at+jwt"}"#,
                #"{"alg":"ES256","kid":7,"typ":"at+jwt"}"#, #"{"alg":"es256","kid":"\#(kid)","typ":"at+jwt"}"#,
                #"{"alg":"ES384","kid":"\#(kid)","typ":"at+jwt"}"#, #"["ES256"]"#, "7", "",
            ]
            for header in bad {
                let token = try await signed(header, gateway)
                #expect(await code(token, gateway) == .unauthenticated, "\(header)")
            }
        }
    }

    @Test("A token that names a key which is not known is not tried with another one")
    func otherKey() async throws {
        try await TestGateway.with { gateway in
            for kid in ["nonsense", keyID(gateway).uppercased(), keyID(gateway) + " "] {
                let token = try await signed(#"{"alg":"ES256","kid":"\#(kid)","typ":"at+jwt"}"#, gateway)
                #expect(await code(token, gateway) == .unauthenticated, "\(kid)")
            }
        }
    }

    @Test("Tokens as the version before signs them are good while its processes are exchanged, and not later")
    func versionBefore() async throws {
        try await TestGateway.with { gateway in
            func token() async throws -> String {
                let (id, key) = gateway.auth.state.withLock { $0.keys[0] }
                return try await ScriptedAuth.token(
                    for: caller, expiresAt: gateway.now.advanced(bySeconds: 900), key, id, type: "JWT")
            }
            let early = try await token()
            #expect(await code(early, gateway) == nil)
            gateway.pass(seconds: TokenVerifier.plainPeriod - 1)
            let late = try await token()
            #expect(await code(late, gateway) == nil)
            gateway.pass(seconds: 2)
            // What was made in time lives to its end.
            #expect(await code(late, gateway) == nil)
            let tooLate = try await token()
            #expect(await code(tooLate, gateway) == .unauthenticated)
        }
    }

    @Test(
        "Every claim is there and of its type",
        arguments: ["sub", "sid", "role", "name", "iat", "exp", "iss", "aud", "jti"])
    func claims(name: String) async throws {
        try await TestGateway.with { gateway in
            let header = #"{"alg":"ES256","kid":"\#(keyID(gateway))","typ":"at+jwt"}"#
            let token = try await gateway.token(for: caller)
            let bytes = try #require(Base64URL.decode(String(token.split(separator: ".")[1])))
            guard case .object(let members) = try JSONParser.parse(bytes).value else { return }
            #expect(members.count == 9)
            func payload(_ change: (JSONMember) -> [JSONMember]) -> String {
                JSON.object(members.flatMap(change)).encoded
            }
            let whole = try await signed(header, gateway, payload: payload { [$0] })
            #expect(await code(whole, gateway) == nil)
            let payloads = [
                payload { $0.name == name ? [] : [$0] }, payload { $0.name == name ? [$0, $0] : [$0] },
                payload { $0.name == name ? [JSONMember(name, .array([$0.value]))] : [$0] },
                payload { $0.name == name ? [JSONMember(name, .null)] : [$0] },
            ]
            for payload in payloads {
                let token = try await signed(header, gateway, payload: payload)
                #expect(await code(token, gateway) == .unauthenticated, "\(payload)")
            }
        }
    }

    @Test("Of one session few tokens are kept, however many spellings of its own a client makes")
    func kept() async throws {
        try await TestGateway.with { gateway in
            let verifier = gateway.service.commands.authenticator.verifier
            var tokens: [String] = []
            for _ in 0..<20 {
                tokens.append(try await gateway.token(for: caller))
                #expect(await code(tokens[tokens.count - 1], gateway) == nil)
            }
            #expect(verifier.keptCount == VerifiedTokens.mostOfSession)
            for token in tokens { #expect(await code(token, gateway) == nil) }
            _ = try await verifier.verify(try await gateway.token(for: .regular()))
            #expect(verifier.keptCount == VerifiedTokens.mostOfSession + 1)
        }
    }

    @Test("Issuer and audience are those that the operator has named")
    func parties() async throws {
        let settings = ["JWT_ISSUER": "https://auth.example", "JWT_AUDIENCE": "shop"]
        try await TestGateway.with(settings) { gateway in
            for (issuer, audience, isGood) in [
                ("https://auth.example", "shop", true), ("orderline", "shop", false),
                ("https://auth.example", "orderline", false), ("https://AUTH.example", "shop", false),
            ] {
                let token = try await gateway.auth.token(
                    for: caller, expiresAt: gateway.now.advanced(bySeconds: 100)
                ) { ($0.iss, $0.aud) = (issuer, audience) }
                #expect(await code(token, gateway) == (isGood ? nil : .unauthenticated), "\(issuer) \(audience)")
            }
        }
    }
}
