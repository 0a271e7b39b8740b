import Foundation
import Testing

@testable import LocalStack

@Suite("Data directory")
struct DataDirectoryTests {
    /// Calls `body` with a path at which nothing is yet.
    private func with(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "data-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
    }

    private func make(_ path: String, mode: Int) throws {
        try "x".write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("A new one is closed to others")
    func new() throws {
        try with { path in
            let data = try DataDirectory(making: path)
            #expect(try mode(data.path) & 0o067 == 0)
            #expect(try mode(data.path + "/logs") == 0o700)
        }
    }

    @Test("One of an earlier version is closed with what stands in it, and nothing that is not the stack's")
    func earlier() throws {
        try with { path in
            for folder in ["logs", "nats/jetstream", "venv"] {
                try FileManager.default.createDirectory(
                    atPath: "\(path)/\(folder)", withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o755])
            }
            let own = ["lock", "run.json", "supervisor.log", "logs/postgres.log", "nats/jetstream/block"]
            for name in own + ["venv/python"] { try make("\(path)/\(name)", mode: 0o755) }
            _ = try DataDirectory(making: path)
            #expect(try mode(path) & 0o067 == 0)
            for name in own { #expect(try mode("\(path)/\(name)") == 0o600, "\(name)") }
            for name in ["logs", "nats", "nats/jetstream"] { #expect(try mode("\(path)/\(name)") == 0o700, "\(name)") }
            #expect(try mode(path + "/venv/python") == 0o755)
        }
    }

    @Test("A directory that is somebody's and no stack's yet stays as open as it is")
    func foreign() throws {
        try with { path in
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
            _ = try DataDirectory(making: path)
            #expect(try mode(path) == 0o755)
            #expect(try mode(path + "/logs") == 0o700)
        }
    }
}
