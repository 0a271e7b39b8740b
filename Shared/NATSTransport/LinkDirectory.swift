import Synchronization

/// Which link a connection belongs to, by the connection's number.
///
/// The library's callbacks about a connection get a number and not a pointer, so that one that comes late finds nobody
/// instead of freed memory.
enum LinkDirectory {
    private static let entries = Mutex(Entries())

    private struct Entries {
        var next: UInt = 1
        var links: [UInt: Link] = [:]
    }

    static func register(_ link: Link) -> UInt {
        entries.withLock { entries in
            defer { entries.next += 1 }
            entries.links[entries.next] = link
            return entries.next
        }
    }

    static func remove(_ generation: UInt) {
        // The link is let go outside the lock.
        _ = entries.withLock { $0.links.removeValue(forKey: generation) }
    }

    static func link(_ generation: UInt) -> Link? { entries.withLock { $0.links[generation] } }
}
