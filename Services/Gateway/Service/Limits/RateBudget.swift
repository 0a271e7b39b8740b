/// How often something may be asked: so many times in each period, a tenth of them at once.
struct RateBudget: Sendable, Equatable {
    /// Whose budget it is, and for what.
    enum Kind: UInt8, Sendable, CaseIterable {
        /// Of an address: what is asked by nobody, or by somebody who is not who they say.
        case anonymous
        /// Of an address: signing in and registering, which cost a password hash each.
        case signIn
        /// Of a user.
        case read
        case write

        /// As it is called in the fields `RateLimit` and `RateLimit-Policy`.
        var name: String {
            switch self {
            case .anonymous: "anonymous"
            case .signIn: "sign-in"
            case .read: "read"
            case .write: "write"
            }
        }
    }

    let count: Int
    /// In nanoseconds.
    let period: Int64
    /// Between two of them at an even pace, in nanoseconds.
    let interval: Int64
    /// How many may come at once.
    let burst: Int64
    /// What `RateLimit-Policy` says of it.
    let policy: String

    /// - Parameter count: at least 1.
    init(_ kind: Kind, count: Int, period: Duration) {
        self.count = count
        self.period = period.nanoseconds
        interval = max(1, period.nanoseconds / Int64(count))
        burst = Int64(max(1, count / 10))
        policy = "\"\(kind.name)\";q=\(count);w=\(period.components.seconds)"
    }
}

/// The budgets of a gateway: one of each kind.
package struct RateBudgets: Sendable {
    private let budgets: [RateBudget]

    /// - Parameter settings: so many in a time, of each kind.
    init(_ settings: (RateBudget.Kind) -> (count: Int, period: Duration)) {
        budgets = RateBudget.Kind.allCases.map { kind in
            let (count, period) = settings(kind)
            return RateBudget(kind, count: count, period: period)
        }
    }

    subscript(kind: RateBudget.Kind) -> RateBudget { budgets[Int(kind.rawValue)] }
}

extension Duration {
    /// Whole nanoseconds.
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
