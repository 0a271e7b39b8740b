import Configuration
import Foundation
import Testing

@testable import ServiceKit

@Suite("Secrets among the settings")
struct SecretSettingsTests {
    /// What is read of `JWT_SECRET`, and the faults.
    private func secret(_ variables: [String: String]) -> (value: String, faults: [String]) {
        var settings = Settings(
            ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
        let value = settings.string("jwt.secret", isSecret: true)
        do {
            try settings.finish()
            return (value, [])
        } catch {
            return (value, (error as? ConfigurationError)?.faults ?? ["\(error)"])
        }
    }

    /// Calls `body` with the path of a file that holds these bytes.
    private func with(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "secret-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test(
        "A secret is read from the file that its variable with _FILE names, without the end of the last line",
        arguments: [
            ("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), ("hunter2\n\n", "hunter2\n"),
            (" hunter2 ", " hunter2 "),
        ])
    func file(contents: String, secret expected: String) throws {
        try with(Array(contents.utf8)) { path in
            let read = secret(["JWT_SECRET_FILE": path])
            #expect(read.value == expected && read.faults == [])
        }
    }

    @Test("A variable set to nothing does not stand against the file")
    func emptyVariable() throws {
        try with(Array("hunter2".utf8)) { path in
            #expect(secret(["JWT_SECRET": "", "JWT_SECRET_FILE": path]).faults == [])
        }
    }

    @Test("Both the value and the file is one fault, which shows neither")
    func both() throws {
        try with(Array("hunter2".utf8)) { path in
            let faults = secret(["JWT_SECRET": "sesame", "JWT_SECRET_FILE": path]).faults
            #expect(faults.count == 1 && faults.first?.hasPrefix("JWT_SECRET: ") == true)
            #expect(faults.allSatisfy { !$0.contains("hunter2") && !$0.contains("sesame") })
        }
    }

    @Test(
        "A file that is empty, no text or too long is one fault",
        arguments: [[], [0x0A], [0xFF, 0xFE], [0x61, 0x00], [UInt8](repeating: 0x61, count: SecretFile.limit + 2)]
            as [[UInt8]])
    func unusable(bytes: [UInt8]) throws {
        try with(bytes) { path in
            let faults = secret(["JWT_SECRET_FILE": path]).faults
            #expect(faults.count == 1 && faults.first?.hasPrefix("JWT_SECRET_FILE: \(path) ") == true)
        }
    }

    @Test("A file that is not there, or is a directory, is one fault", arguments: ["/nowhere/secret", "/"])
    func unreadable(path: String) {
        #expect(secret(["JWT_SECRET_FILE": path]).faults == ["JWT_SECRET_FILE: \(path) cannot be read"])
    }

    @Test("Only a secret is looked for in a file")
    func plainSetting() throws {
        var settings = Settings(
            ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: ["LOG_LEVEL_FILE": "/nowhere"])))
        let level = settings.optionalString("log.level")
        #expect(level == nil)
        try settings.finish()
    }

    @Test(
        "A value for development only is refused, as a password in an address too",
        arguments: ["development-only-secret-of-more-than-32-bytes", "postgresql://auth:development-only-auth@db/x"])
    func developmentOnly(value: String) throws {
        let faults = secret(["JWT_SECRET": value]).faults
        #expect(faults.count == 1 && faults.first?.hasPrefix("JWT_SECRET: ") == true)
        #expect(faults.allSatisfy { !$0.contains(value) })
        try with(Array(value.utf8)) { path in
            #expect(secret(["JWT_SECRET_FILE": path]).faults.count == 1)
        }
        #expect(secret(["JWT_SECRET": value, "ORDERLINE_DEVELOPMENT": "0"]).faults.count == 1)
        let allowed = secret(["JWT_SECRET": value, "ORDERLINE_DEVELOPMENT": "1"])
        #expect(allowed.value == value && allowed.faults == [])
    }
}
