internal import Dispatch
internal import Foundation
internal import Glibc

/// Asks a process of the stack over HTTP whether it is ready.
package struct HealthProbe: Sendable {
    /// An answer, or as much of one as came.
    package struct Answer: Sendable, Equatable {
        package let status: Int
        package let body: String

        /// - Returns: `nil` unless the text begins with a status line.
        package init?(parsing text: String) {
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count > 1, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1].prefix(3)) else {
                return nil
            }
            self.status = status
            body = text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
        }
    }

    /// On 127.0.0.1.
    package let port: UInt16
    package let path: String

    package init(port: UInt16, path: String) {
        self.port = port
        self.path = path
    }

    /// The answer; `nil` when nobody answers within a second.
    package func ask() async -> Answer? {
        // Blocking calls, so not on the threads that tasks share.
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: exchange()) }
        }
    }

    private func exchange() -> Answer? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        guard request.withCString({ send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }) > 0 else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            answer += buffer[..<count]
        }
        return Answer(parsing: String(decoding: answer, as: UTF8.self))
    }
}
