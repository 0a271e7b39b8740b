import Foundation
import TestKit
import Testing

@testable import LocalStack

@Suite("run.json", .bounded)
struct RunFileTests {
    private struct Keys: Decodable {
        let gateways: [String]
        let ops: [String: String]
        let pids: [String: Int]
        let logs: [String: String]
        let postgres: Server
        let nats: Server

        struct Server: Decodable {
            let url: String
            let pid: Int
            let monitor: String?
        }
    }

    @Test("Tools find what runs under the documented names")
    func names() throws {
        var file = RunFile()
        file.gateways = ["http://127.0.0.1:8000"]
        file.ops = ["chat-2": "http://127.0.0.1:9"]
        file.pids = ["chat-2": 3]
        file.logs = ["chat-2": "/d/logs/chat-2.log"]
        file.postgres = .init(url: "postgresql://x", pid: 1)
        file.nats = .init(url: "nats://x", monitor: "http://y", pid: 2)

        let keys = try JSONDecoder().decode(Keys.self, from: Data(try file.text().utf8))

        #expect(keys.gateways == ["http://127.0.0.1:8000"])
        #expect(keys.ops["chat-2"] == "http://127.0.0.1:9")
        #expect(keys.pids["chat-2"] == 3)
        #expect(keys.logs["chat-2"] == "/d/logs/chat-2.log")
        #expect(keys.postgres.url == "postgresql://x" && keys.postgres.pid == 1)
        #expect(keys.nats.url == "nats://x" && keys.nats.monitor == "http://y" && keys.nats.pid == 2)
    }

    @Test("The file appears when everything is ready, follows every restart, and goes for good")
    func record() async throws {
        let path = NSTemporaryDirectory() + "run-\(UUID().uuidString).json"
        let record = RunRecord(path: path, console: Console(quiet: true))
        func pid() throws -> Int32? {
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            return try JSONDecoder().decode(RunFile.self, from: data).pids["auth-1"]
        }

        await record.change { $0.pids["auth-1"] = 1 }
        #expect(try pid() == nil)
        await record.publish()
        #expect(try pid() == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        await record.change { $0.pids["auth-1"] = 2 }
        #expect(try pid() == 2)
        await record.withdraw()
        await record.change { $0.pids["auth-1"] = 3 }
        #expect(try pid() == nil)
    }
}
