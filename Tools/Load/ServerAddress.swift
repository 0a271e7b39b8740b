internal import ArgumentParser
internal import NIOCore
internal import NIOPosix

/// Where a server listens, and a path on it: `http://127.0.0.1:8000/api/v1/orders`.
struct ServerAddress: ExpressibleByArgument {
    let host: String
    let port: Int
    /// With the query; `/` when none was given.
    let path: String

    init?(argument: String) {
        guard argument.hasPrefix("http://") else { return nil }
        let rest = argument.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else { return nil }
        host = String(parts[0])
        self.port = port
        let path = rest.dropFirst(authority.count)
        self.path = path.isEmpty ? "/" : String(path)
    }

    /// Opens a connection.
    /// - Parameter prepare: gives it its handlers; on `loop`, before anything is received.
    func connect(
        on loop: any EventLoop, _ prepare: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop).channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel) } }
            .connect(host: host, port: port)
    }
}
