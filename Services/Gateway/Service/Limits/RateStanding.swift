import HTTPTypes
import Messaging

/// How somebody stands with a budget after asking for something.
struct RateStanding: Sendable {
    enum Verdict: Sendable, Equatable {
        /// - Parameters:
        ///   - remaining: how many more may come at once.
        ///   - fullAfter: when the whole burst is there again, in nanoseconds from now.
        case allowed(remaining: Int, fullAfter: Int64)
        /// - Parameter after: when one may come again, in nanoseconds from now.
        case refused(after: Int64)
    }

    let budget: RateBudget
    let kind: RateBudget.Kind
    let verdict: Verdict

    /// - Throws: `rate-limited`.
    func require() throws(ServiceError) {
        guard case .refused(let wait) = verdict else { return }
        throw ServiceError(
            .rateLimited, "Too many requests of this kind: wait as long as Retry-After says.",
            retryAfter: Self.seconds(wait))
    }

    /// Adds the fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): how many more may
    /// come at once, and in how many seconds all of them are there again, or one is.
    func add(to headers: inout HTTPFields) {
        let (remaining, wait) =
            switch verdict {
            case .allowed(let remaining, let fullAfter): (remaining, fullAfter)
            case .refused(let wait): (0, wait)
            }
        headers.append(HTTPField(name: .rateLimitPolicy, value: budget.policy))
        headers.append(
            HTTPField(name: .rateLimit, value: "\"\(kind.name)\";r=\(remaining);t=\(Self.seconds(wait))"))
    }

    /// Rounded up: who comes then is let through.
    private static func seconds(_ nanoseconds: Int64) -> Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}

/// What went wrong with a request that was counted, so that the answer says how the client stands.
struct CountedFailure: Error {
    let error: any Error
    let standing: RateStanding
}

extension HTTPField.Name {
    static let rateLimit = HTTPField.Name("RateLimit") ?? .server
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy") ?? .server
}
