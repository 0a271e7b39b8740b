internal import Foundation

/// What a person needs to know once everything is ready.
package struct Welcome: Sendable {
    /// Base addresses; at least one.
    package let gateways: [String]
    package let signIn: AdminSignIn
    /// How to sign in as the example's customer, where there is one.
    package let example: String?
    /// Whether `/` is the console.
    package let hasConsole: Bool
    package let data: String

    package init(
        gateways: [String], signIn: AdminSignIn, example: String? = nil, hasConsole: Bool = true, data: String
    ) {
        self.gateways = gateways
        self.signIn = signIn
        self.example = example
        self.hasConsole = hasConsole
        self.data = data
    }

    package var text: String {
        let first = gateways.first ?? ""
        let others = gateways.dropFirst().map { "\n  Also at         \($0)/" }.joined()
        let password = signIn.password.map { "password \($0)" } ?? "with the password given in ADMIN_PASSWORD"
        let customer = example.map { "\n  Customer        \($0)" } ?? ""
        let console = hasConsole ? "\n  Console         \(first)/" : ""
        return """
            \(console)
              API             \(first)/api/v1\(others)
              Guide           \(first)/docs/guide
              Admin           \(signIn.email), \(password)\(customer)

              Try:
                TOKEN=$(\(curl) \(first)/api/v1/auth/login -H 'Content-Type: application/json' -d \(loginBody) | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
                \(curl) \(first)/api/v1/orders -H "Authorization: Bearer $TOKEN"
                \(curl) \(first)/health/ready

              Logs are in \(data)/logs. Ctrl-C or bin/down stops everything; the data stay.

            """
    }

    /// A self-signed certificate is the usual one on a developer's machine.
    private var curl: String { gateways.first?.hasPrefix("https:") == true ? "curl -sk" : "curl -s" }

    /// Quoted for a shell.
    private var loginBody: String {
        let email = Self.json(signIn.email)
        let password = signIn.password.map(Self.json) ?? #""'"$ADMIN_PASSWORD"'""#
        return #"'{"email":\#(email),"password":\#(password),"tokenDelivery":"body"}'"#
    }

    private static func json(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let data = (try? encoder.encode(text)) ?? Data()
        return String(decoding: data, as: UTF8.self).replacing("'", with: #"'\''"#)
    }
}
