import Glibc
import Synchronization

/// Stands between a pool and PostgreSQL, and cuts connections at their COMMIT: at the moment at which a client cannot
/// know what became of its transaction. It also counts round trips.
package final class CommitCutter: Sendable {
    package enum Cut: Sendable {
        /// The server never hears of the COMMIT.
        case before
        /// The server has committed, says so, and ends the connection with `FATAL 57P01`, as a backend does that is
        /// ended while its COMMIT waits for the disk.
        case after
    }

    package let port: UInt16
    private let listener: Int32
    private let server: UInt16
    private let state = Mutex(State())

    private struct State {
        /// What happens at the next COMMIT, and how often it did.
        var next: Cut?
        var cuts = 0
        var roundTrips = 0
    }

    /// One connection: whether its client has said something that the server has not begun to answer.
    private final class Turn: Sendable {
        let isServers = Atomic(false)
    }

    /// - Parameter server: PostgreSQL's port on 127.0.0.1.
    package init(server: UInt16) throws {
        self.server = server
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw TestFailure("no port to listen on (errno \(errno))") }
        port = UInt16(bigEndian: address.sin_port)
        Self.thread { [self] in accept() }
    }

    /// The next COMMIT of any connection is cut.
    package func cut(_ cut: Cut) { state.withLock { $0.next = cut } }

    package var cuts: Int { state.withLock { $0.cuts } }

    /// How often a client has spoken and then waited for the server, over all connections.
    package var roundTrips: Int { state.withLock { $0.roundTrips } }

    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func take(_ cut: Cut) -> Bool {
        state.withLock { state in
            guard state.next == cut else { return false }
            state.next = nil
            state.cuts += 1
            return true
        }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return _ = close(listener) }
            let backend = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(server)
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(backend, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(client)
                close(backend)
                continue
            }
            let turn = Turn()
            Self.thread { [self] in
                // The text stands only where the statement is prepared; afterwards it goes by the name given then.
                var name: [UInt8]?
                pass(from: client, to: backend) { bytes in
                    if !turn.isServers.exchange(true, ordering: .relaxed) { state.withLock { $0.roundTrips += 1 } }
                    if let end = Self.end(of: "\0commit\0", in: bytes) {
                        let start = end - "\0commit\0".utf8.count
                        let length = bytes[..<start].reversed().prefix { $0 > 0x20 && $0 < 0x7F }.count
                        name = [0] + bytes[(start - length)..<start] + [0]
                    }
                    guard let name, bytes.firstRange(of: name) != nil else { return nil }
                    return take(.before) ? 0 : nil
                }
            }
            Self.thread { [self] in
                pass(from: backend, to: client) { bytes in
                    turn.isServers.store(false, ordering: .relaxed)
                    guard let end = Self.end(of: "COMMIT\0", in: bytes), take(.after) else { return nil }
                    return end
                } last: {
                    Self.fatal
                }
                close(client)
                close(backend)
            }
        }
    }

    /// Passes bytes on until the connection ends, or until `cut` says after how many of them it is to end.
    private func pass(
        from: Int32, to: Int32, cut: ([UInt8]) -> Int?, last: () -> [UInt8] = { [] }
    ) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { break }
            let bytes = Array(buffer[..<count])
            if let end = cut(bytes) {
                Self.write(Array(bytes[..<end]) + last(), to: to)
                break
            }
            guard Self.write(bytes, to: to) else { break }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    /// `ErrorResponse` of the protocol: https://www.postgresql.org/docs/15/protocol-message-formats.html
    private static let fatal: [UInt8] = {
        let fields = "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
        let length = UInt32(fields.utf8.count + 4).bigEndian
        return [UInt8(ascii: "E")] + withUnsafeBytes(of: length) { Array($0) } + Array(fields.utf8)
    }()

    private static func end(of text: String, in bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array(text.utf8))?.upperBound
    }

    @discardableResult
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var handle = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &handle, nil,
            { pointer in
                if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        pthread_detach(handle)
    }
}
