internal import Foundation

/// What the parts of one stack know each other by; made once and kept in the data directory, readable by its owner
/// only.
package struct Secrets: Sendable, Equatable {
    package static let defaultAdminEmail = "admin@orderline.local"

    /// Read by `Deploy/postgres-init.sql`.
    package static let migratorPasswordVariable = "MIGRATOR_DB_PASSWORD"

    /// By the names they have in the file.
    package private(set) var values: [String: String]

    package init(_ values: [String: String] = [:]) {
        self.values = values
    }

    /// Reads the file, adds what is missing, and writes it when something was.
    ///
    /// - Parameters:
    ///   - hasData: whether databases exist already, which only the file's passwords open.
    ///   - tell: told what was put right.
    /// - Throws: `StackError` when data exist without their secrets, or the file cannot be read, is not whole, or
    ///   cannot be written: it is never replaced by one that knows less.
    package static func load(
        from path: String, hasData: Bool, caller: [String: String], tell: (String) -> Void = { _ in }
    ) throws -> Secrets {
        let file = SecretsFile(path: path)
        let stored = Secrets(try file.read(hasData: hasData, tell: tell) ?? [:])
        var secrets = stored
        var random = SystemRandomNumberGenerator()
        secrets.complete(caller: caller, random: &random)
        if secrets != stored { try file.write(secrets.values) }
        return secrets
    }

    /// Makes what is missing. What the caller gives for the first Admin and for `JWT_SECRET` is taken instead, and the
    /// fact that an Admin's password was given is remembered, but not the password.
    package mutating func complete(caller: [String: String], random: inout some RandomNumberGenerator) {
        var names = ["POSTGRES_PASSWORD", Self.migratorPasswordVariable]
        names += ServiceKind.allCases.filter(\.hasSchema).map(\.rolePasswordVariable)
        names += ServiceKind.allCases.map(\.natsPasswordVariable)
        for name in names where values[name, default: ""].isEmpty { values[name] = Self.password(32, &random) }
        if values["JWT_SECRET", default: ""].isEmpty {
            values["JWT_SECRET"] = caller["JWT_SECRET"] ?? Self.key(&random)
        }
        guard values["ADMIN_EMAIL", default: ""].isEmpty else { return }
        values["ADMIN_EMAIL"] = caller["ADMIN_EMAIL"] ?? Self.defaultAdminEmail
        if caller["ADMIN_PASSWORD"] == nil { values["ADMIN_PASSWORD"] = Self.password(20, &random) }
    }

    /// What a data directory was made with; nothing where that cannot be read, which `load` says.
    package static func made(in data: String) -> [String: String] {
        (try? SecretsFile(path: data + "/secrets.env").read(hasData: false)) ?? [:]
    }

    package var superuserPassword: String { values["POSTGRES_PASSWORD"] ?? "" }

    /// Of the role that owns the schemas.
    package var migratorPassword: String { values[Self.migratorPasswordVariable] ?? "" }

    package func rolePassword(_ service: ServiceKind) -> String { values[service.rolePasswordVariable] ?? "" }

    package func natsPassword(_ service: ServiceKind) -> String { values[service.natsPasswordVariable] ?? "" }

    /// Letters and digits, a letter first: nothing that an address, a shell or the NATS server would read differently.
    static func password(_ length: Int, _ random: inout some RandomNumberGenerator) -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
        let all = letters + Array("23456789")
        return String((0..<length).map { ($0 == 0 ? letters : all).randomElement(using: &random) ?? "x" })
    }

    /// 48 random bytes in base64.
    static func key(_ random: inout some RandomNumberGenerator) -> String {
        Data((0..<48).map { _ in UInt8.random(in: .min ... .max, using: &random) }).base64EncodedString()
    }
}
