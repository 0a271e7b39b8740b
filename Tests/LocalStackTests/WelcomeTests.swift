import Testing

@testable import LocalStack

@Suite("What is said when everything is ready")
struct WelcomeTests {
    private func welcome(caller: [String: String], gateways: Int = 1) -> String {
        var options = StackOptions(
            data: "/d", port: 8000, executables: "/", deploy: "/", caller: caller, settings: SettingNames([]))
        options.gateways = gateways
        let secrets = Secrets(["ADMIN_EMAIL": "admin@orderline.local", "ADMIN_PASSWORD": "made"])
        return Welcome(
            gateways: (0..<gateways).map { options.gatewayURL($0) },
            signIn: AdminSignIn(secrets: secrets, caller: caller),
            data: "/d"
        ).text
    }

    @Test("The addresses of all gateways and the sign-in that was made are there")
    func made() {
        let text = welcome(caller: [:], gateways: 3)
        for port in 8000...8002 { #expect(text.contains("http://127.0.0.1:\(port)/")) }
        #expect(text.contains("admin@orderline.local, password made"))
        #expect(text.contains(#"'{"email":"admin@orderline.local","password":"made","tokenDelivery":"body"}'"#))
    }

    @Test("A password that was given is not shown")
    func given() {
        let text = welcome(caller: ["ADMIN_PASSWORD": "given one"])
        #expect(!text.contains("given one"))
        #expect(text.contains(#""password":"'"$ADMIN_PASSWORD"'""#))
    }

    @Test(
        "Addresses are those that a person on the machine can use",
        arguments: [
            ([:], "http://127.0.0.1:8000"), (["HOST": "0.0.0.0"], "http://127.0.0.1:8000"),
            (["HOST": "10.1.2.3"], "http://10.1.2.3:8000"),
            (["HOST": "::1"], "http://[::1]:8000"), (["TLS_CERT": "/c.pem"], "https://127.0.0.1:8000"),
        ])
    func addresses(caller: [String: String], url: String) {
        let options = StackOptions(
            data: "/d", port: 8000, executables: "/", deploy: "/", caller: caller, settings: SettingNames([]))
        #expect(options.gatewayURL(0) == url)
    }
}
