import Crypto
import Messaging
import Primitives

/// What keeps accounts from those who have no business there: counted attempts and second factors.
struct Protection: Sendable {
    let throttle: Throttle
    let keys: AttemptKeys
    let factors: SecondFactors

    /// - Parameters:
    ///   - secret: `JWT_SECRET`.
    ///   - countsNetworks: whether wrong sign-ins are counted by network as well, as `RATE_LIMIT_ENABLED` says.
    init(store: AuthStore, secret: String, countsNetworks: Bool = true) {
        throttle = Throttle(store: store, countsNetworks: countsNetworks)
        keys = AttemptKeys(secret: secret)
        factors = SecondFactors(secret: secret)
    }
}
