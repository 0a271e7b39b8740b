import Configuration
import Foundation
import Testing

@testable import ServiceKit

struct SettingsTests {
    private enum Colour: String, CaseIterable { case red, green }

    private func settings(_ variables: [String: String]) -> Settings {
        Settings(ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
    }

    @Test("Settings are read under their names in the environment")
    func read() throws {
        var settings = settings([
            "NATS_URL": "nats://x", "POOL_SIZE": "7", "WAIT": "250ms", "LIST": " a, b ,,c",
            "COLOUR": "GREEN",
            "SECOND": "2",
        ])
        equal(settings.string("nats.url"), "nats://x")
        equal(settings.integer("pool.size", default: 1, in: 1...9), 7)
        equal(settings.duration("wait", default: .seconds(1), in: .zero ... .seconds(9)), .milliseconds(250))
        equal(settings.list("list"), ["a", "b", "c"])
        equal(settings.choice("colour", default: Colour.red), .green)
        equal(settings.firstString(["first", "second"]), "2")
        try settings.finish()
    }

    @Test("What is absent, or set to nothing, has its default")
    func defaults() throws {
        var settings = settings(["NAME": "", "SIZE": "", "WAIT": "", "COLOUR": ""])
        equal(settings.string("name", default: "n"), "n")
        equal(settings.integer("size", default: 3, in: 1...9), 3)
        equal(settings.duration("wait", default: .seconds(5), in: .zero ... .seconds(9)), .seconds(5))
        equal(settings.choice("colour", default: Colour.red), .red)
        equal(settings.list("list"), [])
        equal(settings.optionalString("other"), nil)
        try settings.finish()
    }

    @Test("Every fault is listed at once, by the variable's name")
    func faults() {
        var settings = settings(["SIZE": "12", "COUNT": "many", "WAIT": "soon", "COLOUR": "blue"])
        _ = settings.string("name")
        _ = settings.firstString(["a.url", "b.url"])
        _ = settings.integer("size", default: 1, in: 1...9)
        _ = settings.integer("count", default: 1, in: 1...9)
        _ = settings.duration("wait", default: .zero, in: .zero ... .seconds(1))
        _ = settings.choice("colour", default: Colour.red)
        let error = #expect(throws: ConfigurationError.self) { try settings.finish() }
        let names = error?.faults.compactMap { $0.split(separator: ":").first.map(String.init) }
        #expect(names == ["NAME", "A_URL or B_URL", "SIZE", "COUNT", "WAIT", "COLOUR"])
    }

    @Test(
        "A duration is a number with a unit, seconds without one",
        arguments: [
            ("5", Duration.seconds(5)), ("5s", .seconds(5)), ("250ms", .milliseconds(250)), ("15m", .seconds(900)),
            ("12h", .seconds(43_200)), ("7d", .seconds(604_800)), ("0", .zero), ("", nil), ("s", nil), ("5 s", nil),
            ("-5s", nil), ("1.5s", nil), ("5w", nil), ("5S", nil), ("9999999999", nil), ("٥s", nil),
        ] as [(String, Duration?)])
    func durations(text: String, duration: Duration?) {
        #expect(Settings.duration(text) == duration)
    }

    @Test("A duration outside its bounds is a fault")
    func durationBounds() {
        for text in ["59s", "2d"] {
            var settings = settings(["WAIT": text])
            _ = settings.duration("wait", default: .seconds(60), in: .seconds(60) ... .seconds(86_400))
            #expect(throws: ConfigurationError.self) { try settings.finish() }
        }
    }
}

extension SettingsTests {
    /// Calls `body` with a directory that has this `.env`.
    private func with(_ file: String?, _ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        if let file { try file.write(toFile: directory + "/.env", atomically: true, encoding: .utf8) }
        try body(directory)
    }

    @Test("A file .env is read as Docker Compose reads it: quotes are no part of a value")
    func file() throws {
        try with("ORDERLINE_A=\"x # y\" # z\nexport ORDERLINE_B='$x'\nORDERLINE_C=c # d\n") { directory in
            var settings = Settings(try Settings.environment(directory: directory))
            equal(settings.optionalString("orderline.a"), "x # y")
            equal(settings.optionalString("orderline.b"), "$x")
            equal(settings.optionalString("orderline.c"), "c")
        }
    }

    @Test("The environment counts before the file, and no file is no fault")
    func precedence() throws {
        try with("HOME=/from/the/file\n") { directory in
            var settings = Settings(try Settings.environment(directory: directory))
            equal(settings.optionalString("home"), ProcessInfo.processInfo.environment["HOME"])
        }
        try with(nil) { _ = try Settings.environment(directory: $0) }
    }

    @Test("Every line of a file that cannot be read is a fault with its number")
    func malformedFile() throws {
        try with("A=1\nB=$x\nC\n=2\n") { directory in
            let error = #expect(throws: ConfigurationError.self) { try Settings.environment(directory: directory) }
            #expect(error?.faults.count == 2)
            #expect(error?.faults.first?.contains("/.env: line 2: ") == true)
            #expect(error?.faults.last?.contains("/.env: line 4: ") == true)
        }
        try with(nil) { directory in
            try FileManager.default.createDirectory(atPath: directory + "/.env", withIntermediateDirectories: false)
            #expect(throws: ConfigurationError.self) { try Settings.environment(directory: directory) }
        }
    }
}

/// For values that a mutating method gives.
private func equal<Value: Equatable>(
    _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, sourceLocation: sourceLocation)
}
