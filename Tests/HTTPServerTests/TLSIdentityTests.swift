import Foundation
import Logging
import NIOSSL
import TestKit
import Testing

@testable import HTTPServer

struct TLSIdentityTests {
    /// Makes a key and a certificate of its own by openssl(1).
    private static func make(_ name: String, in folder: URL) throws -> (certificate: String, key: String) {
        let (certificate, key) = (
            folder.appending(path: name + ".pem").path, folder.appending(path: name + ".key").path
        )
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
        return (certificate, key)
    }

    @Test("A certificate that has changed is read again; what does not fit together changes nothing")
    func refresh() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try Self.make("first", in: folder)
        let second = try Self.make("second", in: folder)
        func replace(_ file: String, by other: String) throws {
            try Data(contentsOf: URL(fileURLWithPath: other)).write(to: URL(fileURLWithPath: file), options: .atomic)
        }
        let identity = try TLSIdentity(certificate: first.certificate, key: first.key, logger: Logger(label: "test"))
        let before = identity.context
        identity.refresh()
        #expect(identity.context === before)
        // 1. The certificate has been written, its key not yet.
        try replace(first.certificate, by: second.certificate)
        identity.refresh()
        #expect(identity.context === before)
        // 2. Both are there.
        try replace(first.key, by: second.key)
        identity.refresh()
        let after = identity.context
        #expect(after !== before)
        // 3. They are gone.
        try FileManager.default.removeItem(atPath: first.key)
        identity.refresh()
        #expect(identity.context === after)
        #expect(throws: (any Error).self) {
            try TLSIdentity(certificate: second.certificate, key: first.certificate, logger: Logger(label: "test"))
        }
    }
}
