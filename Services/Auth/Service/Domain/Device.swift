/// What a session is called in the list of sessions: the client's `User-Agent`.
package enum Device {
    /// In Unicode scalars.
    package static let limit = 200

    /// Cut to `limit`, without control characters; `nil` when nothing is left.
    package static func named(_ userAgent: String?) -> String? {
        guard let userAgent else { return nil }
        let scalars = userAgent.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(limit)
        return scalars.isEmpty ? nil : String(String.UnicodeScalarView(scalars))
    }
}
