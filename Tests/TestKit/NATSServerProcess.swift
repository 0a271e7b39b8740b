import Foundation
import Logging
package import NATSTransport
import Synchronization

/// A nats-server of one test, on its own port and store, which the test may kill, stop and start again.
///
/// `NATS_SERVER` names the executable; else Debian's is used.
package final class NATSServerProcess: Sendable {
    package let port: UInt16
    package let directory: String
    private let arguments: [String]
    private let environment: [String: String]
    private let process = Mutex<Process?>(nil)

    package var url: String { "nats://127.0.0.1:\(port)" }

    private init(configuration: String?, environment: [String: String]) throws {
        port = try Self.freePort()
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("nats-\(uniqueName())").path
        arguments =
            ["-a", "127.0.0.1", "-p", "\(port)", "-sd", directory] + (configuration.map { ["-c", $0] } ?? ["-js"])
        self.environment = environment
    }

    /// Runs a server during `body`, with the configuration file given or with everything allowed.
    package static func withServer(
        configuration: String? = nil, environment: [String: String] = [:],
        _ body: @Sendable (NATSServerProcess) async throws -> Void
    ) async throws {
        let server = try NATSServerProcess(configuration: configuration, environment: environment)
        try server.start()
        defer {
            server.signal(SIGKILL)
            try? FileManager.default.removeItem(atPath: server.directory)
        }
        try await body(server)
    }

    package func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
    }

    /// Sends a signal; waits for the end after one that ends a process.
    package func signal(_ number: Int32) {
        guard let process = process.withLock({ $0 }), process.isRunning else { return }
        kill(process.processIdentifier, number)
        if number != SIGSTOP, number != SIGCONT { process.waitUntilExit() }
    }

    package func wipe() throws { try FileManager.default.removeItem(atPath: directory) }

    /// Publishes an empty message with headers of any name, as no client of ours does.
    package func publish(_ subject: String, headers: [String]) throws {
        let head = "NATS/1.0\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
        let size = head.utf8.count
        let text =
            "CONNECT {\"verbose\":false,\"headers\":true}\r\nHPUB \(subject) \(size) \(size)\r\n\(head)\r\nPING\r\n"
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, send(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            throw TestFailure("the server does not take the message (errno \(errno))")
        }
        // The answer to the ping comes behind the message.
        var (answer, buffer) = ("", [UInt8](repeating: 0, count: 8192))
        while !answer.contains("PONG") {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw TestFailure("the server said: \(answer)") }
            answer += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    package func transport(
        user: String? = nil, password: String? = nil, subjectPrefix: String = "", maximumOutstandingRequests: Int = 4096
    ) -> NATSTransport {
        NATSTransport(
            configuration: NATSConfiguration(
                url: url, user: user, password: password, name: user ?? "test",
                inboxPrefix: user.map { "_INBOX.\($0)" } ?? "_INBOX", subjectPrefix: subjectPrefix,
                maximumOutstandingRequests: maximumOutstandingRequests),
            logger: .silent)
    }

    private static var executable: String {
        ProcessInfo.processInfo.environment["NATS_SERVER"]
            ?? ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"]
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "nats-server"
    }

    /// A port nobody listens on, as the system gives one.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port =
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
                }
            } ? UInt16(bigEndian: address.sin_port) : 0
        guard port > 0 else { throw TestFailure("no port to listen on (errno \(errno))") }
        return port
    }
}
