import Testing

@testable import LocalStack

@Suite("Settings of whoever starts the stack")
struct CallerEnvironmentTests {
    @Test("The environment counts before the file, and an empty value counts as none")
    func precedence() {
        let merged = CallerEnvironment.merged(
            process: ["PORT": "9000", "LOG_LEVEL": ""], file: ["PORT": "8000", "LOG_LEVEL": "debug", "ADMIN_EMAIL": ""])
        #expect(merged == ["PORT": "9000", "LOG_LEVEL": "debug"])
    }

    @Test("A database address in the file is for containers, one in the environment is meant")
    func databases() {
        #expect(CallerEnvironment.merged(process: [:], file: ["AUTH_DATABASE_URL": "x"]).isEmpty)
        #expect(CallerEnvironment.merged(process: ["AUTH_DATABASE_URL": "x"], file: [:]) == ["AUTH_DATABASE_URL": "x"])
    }

    @Test("Paths of certificates are made absolute")
    func certificates() throws {
        let merged = CallerEnvironment.merged(process: ["TLS_CERT": "cert.pem", "TLS_KEY": "/k.pem"], file: [:])
        #expect(try #require(merged["TLS_CERT"]).hasPrefix("/"))
        #expect(try #require(merged["TLS_CERT"]).hasSuffix("/cert.pem"))
        #expect(merged["TLS_KEY"] == "/k.pem")
    }
}
