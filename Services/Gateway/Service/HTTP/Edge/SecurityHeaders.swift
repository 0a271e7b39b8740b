import HTTPTypes

/// helmet 8's default set on every response; pages and API answers differ in their content-security policy and in
/// caching. `Strict-Transport-Security` stands over HTTPS alone, where it means something (RFC 6797 §7.2).
enum SecurityHeaders {
    static let common: [(HTTPField.Name, String)] = [
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Origin-Agent-Cluster", "?1"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"), ("X-DNS-Prefetch-Control", "off"), ("X-Download-Options", "noopen"),
        ("X-Frame-Options", "SAMEORIGIN"), ("X-Permitted-Cross-Domain-Policies", "none"), ("X-XSS-Protection", "0"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    static let transport = HTTPField(
        name: .strictTransportSecurity, value: "max-age=31536000; includeSubDomains")

    static let apiPolicy = "default-src 'none'; frame-ancestors 'none'"
    private static let pagePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The names of all that a response may get here, for documents.
    static let names =
        common.map(\.0.rawName) + [HTTPField.Name.strictTransportSecurity, .contentSecurityPolicy].map(\.rawName)

    /// The whole set as most responses have it; made once, because it is the same each time.
    private static let ofAPI: HTTPFields = {
        var fields = HTTPFields(common.map { HTTPField(name: $0.0, value: $0.1) })
        fields[.contentSecurityPolicy] = apiPolicy
        fields[.cacheControl] = "no-store"
        return fields
    }()

    /// Adds the set; a policy or a rule of caching that the response brings itself stands.
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        if isSecure { headers.append(transport) }
        let isPage = headers[.contentType]?.hasPrefix("text/html") ?? false
        if !isPage, headers[.contentSecurityPolicy] == nil, headers[.cacheControl] == nil {
            var complete = ofAPI
            complete.append(contentsOf: headers)
            headers = complete
            return
        }
        for (name, value) in common { headers.append(HTTPField(name: name, value: value)) }
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] = isPage ? pagePolicy : apiPolicy
        }
        if !isPage, headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    }
}
