package import Configuration
import Foundation
import Primitives

/// Reads settings and remembers every fault, so that a start that fails names all of them at once.
///
/// Keys are written as in the code (`nats.url`) and come from the environment, or from the file `.env`, as `NATS_URL`.
/// A secret may stand in a file instead, which `NATS_URL_FILE` would name. A reading method gives a stand-in when there
/// is a fault; `finish()` throws then, so a stand-in is never used.
package struct Settings {
    private let reader: ConfigReader
    private var faults: [String] = []

    package init(_ reader: ConfigReader) { self.reader = reader }

    /// The environment first, then the file `.env` of `directory`, which need not exist; `EnvironmentFile` is its
    /// grammar.
    /// - Throws: an error that lists every line of the file that cannot be read.
    package static func environment(directory: String = ".") throws -> ConfigReader {
        ConfigReader(providers: [
            EnvironmentVariablesProvider(),
            EnvironmentVariablesProvider(environmentVariables: try variables(of: directory + "/.env")),
        ])
    }

    private static func variables(of path: String) throws -> [String: String] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch CocoaError.fileReadNoSuchFile {
            return [:]
        } catch {
            throw ConfigurationError(faults: ["\(path): cannot be read"])
        }
        do {
            return try EnvironmentFile(parsing: text).variables
        } catch {
            throw ConfigurationError(faults: error.faults.map { "\(path): \($0)" })
        }
    }

    /// The name under which people set `key`.
    private func variable(_ key: String) -> String {
        key.split(separator: ".").joined(separator: "_").uppercased()
    }

    private mutating func value(_ key: String, isSecret: Bool = false) -> String? {
        isSecret ? secret(key) : plain(key)
    }

    private func plain(_ key: String, isSecret: Bool = false) -> String? {
        let value = reader.string(forKey: ConfigKey(key.split(separator: ".").map(String.init)), isSecret: isSecret)
        // A variable set to nothing, as compose passes on what is not set, counts as absent.
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// From the variable, or from the file that `<NAME>_FILE` names. After a fault it is empty, which is not absent: one
    /// that cannot be used is not said to be missing as well.
    private mutating func secret(_ key: String) -> String? {
        let given = plain(key, isSecret: true)
        guard let path = plain(key + ".file") else { return given.map { refusingPublic(key, $0) } }
        guard given == nil else {
            fault(key, "is set, and so is \(variable(key))_FILE: set one of the two")
            return ""
        }
        do {
            return refusingPublic(key, try SecretFile.read(path))
        } catch {
            fault(key + ".file", error.reason)
            return ""
        }
    }

    /// What every reader of the sources knows protects nothing. In an address it is the password.
    private mutating func refusingPublic(_ key: String, _ secret: String) -> String {
        let marker = "development-only"
        guard secret.hasPrefix(marker) || secret.contains(":" + marker) else { return secret }
        guard plain("orderline.development") != "1" else { return secret }
        fault(key, "is a value that everybody knows: make one with bin/secrets, or set ORDERLINE_DEVELOPMENT=1")
        return ""
    }

    /// Adds a fault found by a rule that is not of this reader. `key` is written as in the code.
    package mutating func fault(_ key: String, _ reason: String) { faults.append("\(variable(key)): \(reason)") }

    /// The text of a setting; `nil` when it is not set, or set to nothing.
    package mutating func optionalString(_ key: String, isSecret: Bool = false) -> String? {
        value(key, isSecret: isSecret)
    }

    /// A text; not set and without a `standard` is a fault.
    /// - Parameter isSecret: lets it stand in a file, refuses public ones, and keeps it out of what the configuration
    ///   library shows of its values.
    package mutating func string(_ key: String, default standard: String? = nil, isSecret: Bool = false) -> String {
        guard let value = value(key, isSecret: isSecret) ?? standard else {
            fault(key, "is missing")
            return ""
        }
        return value
    }

    /// The first of `keys` that is set.
    package mutating func firstString(_ keys: [String], isSecret: Bool = false) -> String {
        for key in keys {
            if let value = value(key, isSecret: isSecret) { return value }
        }
        faults.append("\(keys.map(variable).joined(separator: " or ")): is missing")
        return ""
    }

    /// A whole number in decimal digits; outside of `range` is a fault.
    package mutating func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = value(key) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            fault(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return number
    }

    /// The same where nothing stands for a value of its own.
    package mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key) == nil ? nil : integer(key, default: range.lowerBound, in: range)
    }

    /// A number with a unit: `250ms`, `30s`, `15m`, `12h`, `7d`; without a unit, seconds.
    package mutating func duration(_ key: String, default standard: Duration, in range: ClosedRange<Duration>)
        -> Duration
    {
        guard let text = value(key) else { return standard }
        guard let duration = Self.duration(text), range.contains(duration) else {
            fault(key, "must be a time such as 30s, 15m, 12h or 7d, from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return duration
    }

    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "", "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case "d": return .seconds(number * 86_400)
        default: return nil
        }
    }

    /// So many in a time: `1200/1m`.
    package mutating func budget(
        _ key: String, default standard: (count: Int, period: Duration)
    ) -> (count: Int, period: Duration) {
        guard let text = value(key) else { return standard }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000_000).contains(count),
            let period = Self.duration(String(parts[1])), (.seconds(1) ... .seconds(86_400)).contains(period)
        else {
            fault(key, "must be a number and a time of a second to a day, such as 1200/1m")
            return standard
        }
        return (count, period)
    }

    /// `true` or `false`.
    package mutating func flag(_ key: String, default standard: Bool) -> Bool {
        switch value(key)?.lowercased() {
        case nil: return standard
        case "true": return true
        case "false": return false
        default:
            fault(key, "must be true or false")
            return standard
        }
    }

    /// A list separated by commas.
    package mutating func list(_ key: String) -> [String] {
        (value(key) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// One of the cases of `Choice`, in whatever case it is written; anything else is a fault that names them all.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default standard: Choice
    ) -> Choice {
        guard let text = value(key) else { return standard }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            fault(key, "must be one of: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return standard
        }
        return choice
    }

    /// Throws an error that lists every fault found so far.
    package func finish() throws {
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    }
}

/// Settings that are wrong or missing, one line each.
package struct ConfigurationError: Error, CustomStringConvertible {
    /// Each begins with the variable's name: `PORT: must be …`.
    package var faults: [String]

    package var description: String {
        "The configuration is not usable:\n" + faults.map { "  - \($0)" }.joined(separator: "\n")
    }
}
