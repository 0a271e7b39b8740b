import Foundation
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

    @Test("What the data were made with counts before the file, and the environment before both")
    func made() {
        let made = ["JWT_SECRET": "made"]
        let file = ["JWT_SECRET": "other", "ADMIN_PASSWORD": "given", "PORT": "1"]
        #expect(
            CallerEnvironment.merged(process: [:], file: file, made: made) == ["ADMIN_PASSWORD": "given", "PORT": "1"])
        #expect(CallerEnvironment.merged(process: ["JWT_SECRET": "new"], file: file, made: made)["JWT_SECRET"] == "new")
    }

    @Test("A database address in the file is for containers, one in the environment is meant")
    func databases() {
        #expect(CallerEnvironment.merged(process: [:], file: ["AUTH_DATABASE_URL": "x"]).isEmpty)
        #expect(CallerEnvironment.merged(process: ["AUTH_DATABASE_URL": "x"], file: [:]) == ["AUTH_DATABASE_URL": "x"])
    }

    @Test("A secret is taken from the file that its variable with _FILE names")
    func secretFiles() throws {
        let path = NSTemporaryDirectory() + "caller-\(UUID().uuidString)"
        try "sesame\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(
            try CallerEnvironment.readingFiles(["JWT_SECRET_FILE": path, "LOG_FILE": "x"]) == [
                "JWT_SECRET": "sesame", "LOG_FILE": "x",
            ])
        #expect(throws: StackError.self) {
            try CallerEnvironment.readingFiles(["JWT_SECRET_FILE": path, "JWT_SECRET": "x"])
        }
        #expect(throws: StackError.self) { try CallerEnvironment.readingFiles(["JWT_SECRET_FILE": path + "x"]) }
        try "\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: StackError.self) { try CallerEnvironment.readingFiles(["JWT_SECRET_FILE": path]) }
    }

    @Test("Paths of certificates are made absolute")
    func certificates() throws {
        let merged = CallerEnvironment.merged(process: ["TLS_CERT": "cert.pem", "TLS_KEY": "/k.pem"], file: [:])
        #expect(try #require(merged["TLS_CERT"]).hasPrefix("/"))
        #expect(try #require(merged["TLS_CERT"]).hasSuffix("/cert.pem"))
        #expect(merged["TLS_KEY"] == "/k.pem")
    }
}
