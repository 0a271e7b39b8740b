import Foundation
import Testing

@testable import LocalStack

@Suite("The file of a stack's secrets")
struct SecretsFileTests {
    /// A directory of the test's own; `body` gets the path of a file in it.
    private func withFile(_ text: String? = nil, _ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "secrets-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/secrets.env"
        if let text { try AtomicFile.write(text, to: path) }
        try body(path)
    }

    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func mode(_ path: String) throws -> Int? {
        try (FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// The file of a new stack.
    private func whole() throws -> String {
        var text = ""
        try withFile { path in
            _ = try Secrets.load(from: path, hasData: false, caller: [:])
            text = String(decoding: try contents(path), as: UTF8.self)
        }
        return text
    }

    /// Loads from a file with `bytes`, which must be refused with a word of `reason` and left as it is.
    private func refuses(_ bytes: Data, hasData: Bool = true, _ reason: String) throws {
        try withFile { path in
            try bytes.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StackError.self) {
                try Secrets.load(from: path, hasData: hasData, caller: ["ADMIN_PASSWORD": "given"])
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(reason))
            #expect("\(error.map { "\($0)" } ?? "")".contains(path))
            #expect(try contents(path) == bytes)
        }
    }

    @Test("A new stack's secrets are kept, and found again as they are")
    func made() throws {
        try withFile { path in
            let first = try Secrets.load(from: path, hasData: false, caller: [:])
            #expect(try mode(path) == 0o600)
            let text = try contents(path)
            #expect(try Secrets.load(from: path, hasData: true, caller: [:]) == first)
            #expect(try contents(path) == text)
        }
    }

    @Test(
        "A secret that was given is found again as it is, whatever signs it has",
        arguments: [
            "a # b", "pa$word${X}", "\"quoted\"", "'single'", "back\\slash\\", " blanks ", "=a=b", "e\u{301}",
            "\u{301}x",
        ])
    func anySigns(secret: String) throws {
        try withFile { path in
            let first = try Secrets.load(from: path, hasData: false, caller: ["JWT_SECRET": secret])
            #expect(first.values["JWT_SECRET"] == secret)
            #expect(try Secrets.load(from: path, hasData: true, caller: [:]) == first)
        }
    }

    @Test("A secret of several lines is refused before anything is written")
    func lines() throws {
        try withFile { path in
            #expect(throws: StackError.self) {
                try Secrets.load(from: path, hasData: false, caller: ["JWT_SECRET": "one\ntwo"])
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("Data without their file are refused")
    func missing() throws {
        try withFile { path in
            #expect(throws: StackError.self) { try Secrets.load(from: path, hasData: true, caller: [:]) }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("A file cut short anywhere is refused when there are data, and left as it is")
    func cutShort() throws {
        let text = Array(try whole().utf8)
        for count in 0..<text.count {
            try refuses(Data(text[..<count]), "secrets.env")
        }
    }

    @Test("A file cut short inside a line is refused without data as well", arguments: [1, 20, 200])
    func cutShortWithoutData(count: Int) throws {
        let text = Array(try whole().utf8)
        let end = (count..<text.count).first { text[$0 - 1] != UInt8(ascii: "\n") } ?? count
        try refuses(Data(text[..<end]), hasData: false, "cut short")
    }

    @Test("What is not lines of NAME=value is refused", arguments: [true, false])
    func damaged(hasData: Bool) throws {
        let text = try whole()
        try refuses(Data("{\"POSTGRES_PASSWORD\": \"x\"}\n".utf8), hasData: hasData, "line 1")
        try refuses(Data((text + "<<<<<<< HEAD\n").utf8), hasData: hasData, "damaged")
        try refuses(Data([0xFF, 0xFE, 0x0A]), hasData: hasData, "not text")
        try refuses(Data(text.utf8) + Data(count: 512), hasData: hasData, "not text")
        try refuses(Data(count: 4096), hasData: hasData, "not text")
    }

    @Test("A file without a secret that opens the data is refused, one that lacks another is completed")
    func incomplete() throws {
        let lines = try whole().split(separator: "\n").map { $0 + "\n" }
        for name in SecretsFile.bound {
            let without = lines.filter { !$0.hasPrefix(name + "=") }.joined()
            try refuses(Data(without.utf8), name)
            try refuses(Data((without + name + "=\n").utf8), name)
        }
        for name in ["AUTH_DB_PASSWORD", "NATS_CHAT_PASSWORD"] {
            try withFile(lines.filter { !$0.hasPrefix(name + "=") }.joined()) { path in
                let secrets = try Secrets.load(from: path, hasData: true, caller: [:])
                #expect(secrets.values[name]?.isEmpty == false)
                #expect(SecretsFile.parse(String(decoding: try contents(path), as: UTF8.self)) == secrets.values)
            }
        }
    }

    @Test("Something that is no file, or leads nowhere, is refused and stays")
    func notAFile() throws {
        for hasData in [true, false] {
            try withFile { path in
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                #expect(throws: StackError.self) { try Secrets.load(from: path, hasData: hasData, caller: [:]) }
                #expect(throws: StackError.self) { try SettingsFile.read(path) }
            }
            try withFile { path in
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere/at/all")
                #expect(throws: StackError.self) { try Secrets.load(from: path, hasData: hasData, caller: [:]) }
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "/nowhere/at/all")
            }
        }
    }

    @Test("A file that its owner may not read is refused", .enabled(if: geteuid() != 0))
    func forbidden() throws {
        try withFile(try whole()) { path in
            chmod(path, 0)
            #expect(throws: StackError.self) { try Secrets.load(from: path, hasData: false, caller: [:]) }
        }
    }

    @Test("A file that others may use is closed to them, and that is said", arguments: [0o644, 0o660, 0o604, 0o777])
    func openToOthers(mode: Int) throws {
        try withFile(try whole()) { path in
            chmod(path, mode_t(mode))
            let text = try contents(path)
            var told: [String] = []
            _ = try Secrets.load(from: path, hasData: true, caller: [:]) { told.append($0) }
            #expect(told.count == 1 && told[0].contains(path))
            #expect(try self.mode(path) == 0o600)
            #expect(try contents(path) == text)
        }
    }

    @Test(
        "A half-written file that a killed process left is replaced; one that cannot be written leaves the former one")
    func atomic() throws {
        try withFile("A=1\n") { path in
            try Data("left".utf8).write(to: URL(fileURLWithPath: path + ".new"))
            try AtomicFile.write("A=2\n", to: path)
            #expect(try contents(path) == Data("A=2\n".utf8))
            #expect(!FileManager.default.fileExists(atPath: path + ".new"))
            // A directory there is in the way of writing.
            try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
            #expect(throws: StackError.self) { try AtomicFile.write("A=3\n", to: path) }
            #expect(try contents(path) == Data("A=2\n".utf8))
        }
        try withFile { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(throws: StackError.self) { try AtomicFile.write("A=3\n", to: path) }
            #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        }
    }
}
