import HTTPTypes
import Primitives

/// From which sites browsers may use the gateway.
struct OriginPolicy: Sendable {
    private let listed: Set<WebOrigin>

    /// - Parameter origins: as `CORS_ORIGINS` lists them; what `fault` has a word against lets nobody in.
    init(_ origins: [String]) {
        listed = Set(origins.compactMap { Self.fault(in: $0) == nil ? WebOrigin(Self.withoutSlash($0)) : nil })
    }

    /// What keeps `entry` from being an origin of the list, in words for the operator; `nil` when nothing does. A slash
    /// at its end is passed over, as it stands there when an address is copied from a browser.
    static func fault(in entry: String) -> String? {
        switch entry.utf8.count {
        case 1 where entry.utf8.first == UInt8(ascii: "*"):
            return "* would let every site act for whoever is signed in: list the origins that may"
        case 4 where entry.utf8.elementsEqual("null".utf8, by: { $0 | 0x20 == $1 }):
            return "null is the origin of sandboxed pages of any site, so it cannot be listed"
        default: break
        }
        guard entry.utf8.allSatisfy({ $0 < 0x80 }) else {
            return "\(entry) is to be written as browsers send it: the host in ASCII (xn--…)"
        }
        guard WebOrigin(withoutSlash(entry)) != nil else {
            return "\(entry) is not an origin such as https://app.example or capacitor://localhost: "
                + "a scheme, a host and perhaps a port, without a path"
        }
        return nil
    }

    private static func withoutSlash(_ entry: String) -> String {
        let slash = UInt8(ascii: "/")
        let rest = entry.utf8.dropLast()
        return entry.utf8.last == slash && rest.last != slash ? String(Substring(rest)) : entry
    }

    /// Whether `origin`, as a browser sent it, is in the list.
    func isListed(_ origin: String) -> Bool { WebOrigin(origin).map(listed.contains) ?? false }

    /// Whether a page may do what browsers ask nobody about, such as opening a socket: with no origin (it is no
    /// browser), the gateway's own, or a listed one.
    ///
    /// - Parameters:
    ///   - origin: the field's value. Of a field that stands twice HTTP makes one value, which is no origin.
    ///   - scheme: by which the client reached the gateway, or the proxy before it.
    ///   - host: as the client asked for it, with its port.
    func admits(origin: String?, scheme: String, host: String?) -> Bool {
        guard let origin else { return true }
        guard let asking = WebOrigin(origin) else { return false }
        if listed.contains(asking) { return true }
        return host.flatMap { WebOrigin(scheme: scheme, authority: $0) } == asking
    }
}
