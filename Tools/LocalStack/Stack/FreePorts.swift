internal import Foundation
internal import Glibc

/// Finds TCP ports that nobody listens on.
package enum FreePorts {
    /// Ports to choose from: below those the system gives to outgoing connections.
    ///
    /// From among the latter, a client that keeps trying to reach a server being restarted could be given the server's
    /// own port as its local one, and the server could not come back.
    package static func range(ephemeral: String) -> ClosedRange<UInt16> {
        let lowest = ephemeral.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) } ?? 32768
        return lowest >= 12_000 ? max(10_000, lowest / 2)...(lowest - 1) : 10_000...65_000
    }

    /// Different free ports.
    ///
    /// - Throws: `StackError` when there are too few.
    package static func choose(_ count: Int, avoiding: Set<UInt16> = []) throws -> [UInt16] {
        let path = "/proc/sys/net/ipv4/ip_local_port_range"
        let range = Self.range(ephemeral: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        var chosen: [UInt16] = []
        for _ in 0..<5000 where chosen.count < count {
            let port = UInt16.random(in: range)
            if !avoiding.contains(port) && !chosen.contains(port) && isFree(port) { chosen.append(port) }
        }
        guard chosen.count == count else { throw StackError("There are not \(count) free TCP ports.") }
        return chosen
    }

    /// Whether a server could listen on the port now, on an IPv4 address or, for any other host, on all of them.
    package static func isFree(_ port: UInt16, host: String = "0.0.0.0") -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return bound == 0 && listen(descriptor, 1) == 0
    }
}
