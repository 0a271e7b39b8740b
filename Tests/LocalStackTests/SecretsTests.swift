import Foundation
import TestKit
import Testing

@testable import LocalStack

@Suite("Secrets of a stack", .seeded)
struct SecretsTests {
    private func made(_ caller: [String: String] = [:], from stored: [String: String] = [:]) -> Secrets {
        var secrets = Secrets(stored)
        var random = SeededGenerator()
        secrets.complete(caller: caller, random: &random)
        return secrets
    }

    @Test("Every password is different, and a plain word to the NATS server and in an address")
    func passwords() {
        let secrets = made()
        let names = secrets.values.keys.filter { $0.hasSuffix("_PASSWORD") }
        #expect(names.count == 2 + 3 + 5 + 1)
        #expect(Set(names.compactMap { secrets.values[$0] }).count == names.count)
        for name in names {
            let password = secrets.values[name] ?? ""
            #expect(password.count >= 20)
            #expect(password.first?.isLetter == true)
            #expect(password.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
    }

    @Test("The secret that protects the signing keys is 48 bytes")
    func signingSecret() throws {
        let secret = try #require(made().values["JWT_SECRET"])
        #expect(Data(base64Encoded: secret)?.count == 48)
    }

    @Test("What is stored stays, and what a later version needs is added")
    func keeping() {
        let first = made()
        #expect(made(from: first.values) == first)

        var older = first.values
        older["NATS_PROVISION_PASSWORD"] = nil
        let completed = made(from: older)
        #expect(completed.values["NATS_PROVISION_PASSWORD"] != nil)
        #expect(completed.rolePassword(.auth) == first.rolePassword(.auth))
    }

    @Test("An Admin's password that was made is shown at every start")
    func madeAdmin() {
        let secrets = made()
        let signIn = AdminSignIn(secrets: made(from: secrets.values), caller: [:])
        #expect(signIn.email == "admin@orderline.local")
        #expect(signIn.password == secrets.values["ADMIN_PASSWORD"])
        #expect(signIn.variables["ADMIN_PASSWORD"] == signIn.password)
    }

    @Test("An Admin's password that was given is neither stored nor shown, and none is made in its place later")
    func givenAdmin() {
        let caller = ["ADMIN_EMAIL": "a@b.c", "ADMIN_PASSWORD": "given one"]
        let secrets = made(caller)
        #expect(!secrets.values.values.contains("given one"))
        let signIn = AdminSignIn(secrets: secrets, caller: caller)
        #expect(signIn.password == nil)
        #expect(signIn.variables == caller)

        let later = AdminSignIn(secrets: made(from: secrets.values), caller: [:])
        #expect(later.email == "a@b.c")
        #expect(later.password == nil)
        #expect(later.variables.isEmpty)
    }
}
