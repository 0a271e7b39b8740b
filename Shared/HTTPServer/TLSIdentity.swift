import Foundation
package import Logging
package import NIOSSL
import ServiceLifecycle
import Synchronization
import Threads

/// The certificate and key that a server shows, read again when their files change.
///
/// TLS 1.2 and 1.3 with forward secrecy only (RFC 9325 §4): who gets hold of the key later cannot read what was sent.
package final class TLSIdentity: Service {
    /// How often it is looked whether the files have changed.
    private static let interval = Duration.seconds(5)

    private struct State {
        var context: NIOSSLContext
        /// What the files held when they were read.
        var contents: [Data]
    }

    private let certificate: String
    private let key: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - certificate: a PEM file: the server's certificate and those up to the authority's.
    ///   - key: a PEM file.
    /// - Throws: when the two cannot be read, or do not belong together.
    package init(certificate: String, key: String, logger: Logger) throws {
        self.certificate = certificate
        self.key = key
        self.logger = logger
        let contents = try Self.contents(certificate, key)
        state = Mutex(State(context: try Self.context(contents), contents: contents))
    }

    /// For a new connection.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Looks at the files until told to stop.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Pause.sleep(for: Self.interval)) != nil { self.refresh() }
        }
    }

    /// Reads the files again if they have changed. What cannot be used changes nothing: a certificate may have been
    /// written and its key not yet.
    package func refresh() {
        do {
            let contents = try Self.contents(certificate, key)
            guard state.withLock({ $0.contents != contents }) else { return }
            let context = try Self.context(contents)
            state.withLock { $0 = State(context: context, contents: contents) }
            logger.notice("certificate read again")
        } catch {
            logger.warning("certificate cannot be used: the one before stays", metadata: ["error": "\(error)"])
        }
    }

    private static func contents(_ files: String...) throws -> [Data] {
        try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }

    private static func context(_ contents: [Data]) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(contents[0]))
        let key = try NIOSSLPrivateKey(bytes: Array(contents[1]), format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        tls.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: tls)
    }
}
