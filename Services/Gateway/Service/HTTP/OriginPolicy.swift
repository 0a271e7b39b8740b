import Foundation
import HTTPTypes

/// From which sites browsers may use the gateway.
struct OriginPolicy: Sendable {
    private let listed: Set<String>

    /// - Parameter origins: as browsers send them: `https://app.example`, without a path.
    init(_ origins: [String]) { listed = Set(origins.map { $0.lowercased() }) }

    /// Browsers send ASCII. Of other texts some would be taken for it: the Kelvin sign is a `k` in lower case.
    func isListed(_ origin: String) -> Bool {
        origin.utf8.allSatisfy { $0 < 0x80 } && listed.contains(origin.lowercased())
    }

    /// Whether a socket may be opened: no origin (not a browser), the gateway's own, or a listed one.
    func admitsSocket(origin: String?, host: String?) -> Bool {
        guard let origin else { return true }
        if isListed(origin) { return true }
        guard let host, let separator = origin.range(of: "://") else { return false }
        return origin[separator.upperBound...].lowercased() == host.lowercased()
    }
}
