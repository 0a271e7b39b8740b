import Foundation
import Testing

@testable import LocalStack

@Suite("Logs")
final class LogFileTests {
    private let path = NSTemporaryDirectory() + "log-\(UUID().uuidString).log"

    deinit {
        for path in [path, path + ".1"] { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("The end of a log is its last lines since a place, each indented")
    func ending() throws {
        try (1...30).map { "line \($0)\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
        let log = LogFile(path: path)
        #expect(log.ending(from: 0, lines: 2) == "    line 29\n    line 30")
        #expect(log.ending(from: log.size - 8, lines: 5) == "    line 30")
        #expect(log.ending(from: log.size).contains("nothing"))
        #expect(LogFile(path: path + ".none").ending(from: 0).contains("nothing"))
    }

    @Test("A large log is set aside, a small one kept")
    func rotation() throws {
        try "12345".write(toFile: path, atomically: true, encoding: .utf8)
        let log = LogFile(path: path)
        log.rotateIfLarge(above: 5)
        #expect(log.size == 5)
        log.rotateIfLarge(above: 4)
        #expect(log.size == 0)
        #expect(LogFile(path: path + ".1").size == 5)
    }
}
