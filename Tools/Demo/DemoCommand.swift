internal import ArgumentParser
internal import Foundation
internal import NIOSSL
internal import OrderlineClient

/// `demo`: an example customer with three orders in different states, so that the first look is not an empty page.
///
/// Takes part as any client does. Run again it adds what is missing, and nothing twice.
@main
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Makes an example customer with three orders, where DEMO is true.",
        discussion: """
            Settings: DEMO (true, or nothing is done), DEMO_EMAIL, DEMO_PASSWORD, ADMIN_EMAIL, ADMIN_PASSWORD, \
            ORDERLINE_URL (http://127.0.0.1:8000).
            """)

    func run() async throws {
        let settings = ProcessInfo.processInfo.environment
        guard settings["DEMO"] == "true" else { return }
        func setting(_ name: String, _ usual: String? = nil) throws -> String {
            if let value = settings[name] ?? usual, !value.isEmpty { return value }
            throw ValidationError("\(name) is not set.")
        }
        let origin = try setting("ORDERLINE_URL", "http://127.0.0.1:8000")
        let customer = try client(origin)
        let admin = try client(origin)
        let email = try setting("DEMO_EMAIL", Self.email)
        do {
            try await signIn(customer, email: email, password: try setting("DEMO_PASSWORD"))
            try await admin.logIn(email: try setting("ADMIN_EMAIL"), password: try setting("ADMIN_PASSWORD"))
            let example = Example(customer: customer, admin: admin)
            for story in Story.all { try await example.tell(story) }
            try await customer.logOut()
            try await admin.logOut()
        } catch let problem as Problem {
            FileHandle.standardError.write(Data("There is no example: \(problem.detail)\n".utf8))
            throw ExitCode.failure
        }
        print("The example customer is \(email).")
    }

    static let email = "nora@orderline.example"

    /// The certificate of a gateway on this machine is nobody's but its own as a rule.
    private func client(_ origin: String) throws -> Client {
        var tls = TLSConfiguration.makeClientConfiguration()
        if origin.hasPrefix("https://127.0.0.1:") || origin.hasPrefix("https://[::1]:") {
            tls.certificateVerification = .none
        }
        return try Client(origin: origin, tls: tls)
    }

    private func signIn(_ customer: Client, email: String, password: String) async throws {
        do {
            try await customer.logIn(email: email, password: password)
        } catch let problem as Problem where problem.code == "invalid-credentials" {
            try await customer.register(name: "Nora Nielsen", email: email, password: password)
        }
    }
}
