/// The customer of `--demo`, whom the program `demo` makes at the first gateway.
struct ExampleCustomer {
    static let email = "nora@orderline.example"
    private static let passwordVariable = "DEMO_PASSWORD"

    let options: StackOptions
    let data: DataDirectory

    /// Makes what is missing of the example.
    ///
    /// - Returns: the customer's password.
    /// - Throws: `StackError` with what the program said.
    func make(signIn: AdminSignIn, stop: StopRequest) async throws -> String {
        let file = SecretsFile(path: data.secrets)
        var values = try file.read(hasData: true) ?? [:]
        var random = SystemRandomNumberGenerator()
        let password = values[Self.passwordVariable] ?? Secrets.password(20, &random)
        if values[Self.passwordVariable] == nil {
            values[Self.passwordVariable] = password
            try file.write(values)
        }
        let plan = ProcessPlan(
            name: "demo", executable: "\(options.executables)/demo", arguments: [],
            environment: signIn.variables.merging([
                "DEMO": "true", "DEMO_EMAIL": Self.email, Self.passwordVariable: password,
                "ORDERLINE_URL": options.gatewayURL(0),
            ]) { $1 }, log: data.log(of: "demo"))
        try await Command(plan).run(stop: stop, within: .seconds(60))
        return password
    }
}
