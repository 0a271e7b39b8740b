/// The customer of `--demo`, whom the program `demo` makes at the first gateway.
struct ExampleCustomer {
    private static let usualEmail = "nora@orderline.example"
    private static let passwordVariable = "DEMO_PASSWORD"

    let options: StackOptions
    let data: DataDirectory

    var email: String { options.caller["DEMO_EMAIL"] ?? Self.usualEmail }

    /// Makes what is missing of the example.
    ///
    /// - Returns: how to sign in as the customer.
    /// - Throws: `StackError` with what the program said.
    func make(admin: AdminSignIn, stop: StopRequest) async throws -> String {
        let password = try password()
        let plan = ProcessPlan(
            name: "demo", executable: "\(options.executables)/demo", arguments: [],
            environment: admin.variables.merging([
                "DEMO": "true", "DEMO_EMAIL": email, Self.passwordVariable: password,
                "ORDERLINE_URL": options.gatewayURL(0),
            ]) { $1 }, log: data.log(of: "demo"))
        try await Command(plan).run(stop: stop, within: .seconds(60))
        return "\(email), password \(password)"
    }

    /// The caller's, or one that was made, now or before.
    private func password() throws -> String {
        if let given = options.caller[Self.passwordVariable] { return given }
        let file = SecretsFile(path: data.secrets)
        var values = try file.read(hasData: true) ?? [:]
        if let made = values[Self.passwordVariable] { return made }
        var random = SystemRandomNumberGenerator()
        let password = Secrets.password(20, &random)
        values[Self.passwordVariable] = password
        try file.write(values)
        return password
    }
}
