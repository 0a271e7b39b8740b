import Primitives

/// The public keys that a gateway verifies with, and whether it takes another set in their place. Decides only.
///
/// Keys come and go one by one: a new one signs beside the former, which stays as long as its tokens live. A set that
/// has none of the keys known, or another key under a known name, is no rotation: it is a forged answer, a database
/// that is not ours, or an operator who has replaced everything at once and then restarts the gateways.
struct KnownKeys: Equatable {
    /// Each key's coordinates, by its name.
    private let points: [String: String]

    init() { points = [:] }

    /// - Parameter keys: as in a JSON Web Key Set; those without a name are passed over.
    init(_ keys: [JSON]) {
        points = Dictionary(
            keys.compactMap { key in
                key["kid"].string.map { ($0, "\(key["x"].string ?? "").\(key["y"].string ?? "")") }
            }, uniquingKeysWith: { first, _ in first })
    }

    func has(_ id: String) -> Bool { points[id] != nil }

    /// Whether all of these are among `others`.
    func areAll(in others: KnownKeys) -> Bool { points.allSatisfy { others.points[$0.key] == $0.value } }

    /// Whether `next` may take the place of these. Who knows none takes any.
    func mayBecome(_ next: KnownKeys) -> Bool {
        if points.isEmpty { return true }
        let shared = points.filter { next.points[$0.key] != nil }
        return !shared.isEmpty && shared.allSatisfy { next.points[$0.key] == $0.value }
    }
}

/// Auth tells of keys of which none is known here.
struct KeySetRefused: Error {}
