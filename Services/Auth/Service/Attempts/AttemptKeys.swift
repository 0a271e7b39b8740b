import Crypto
import Foundation
import Messaging
import Primitives

/// One thing on which attempts are counted.
struct CountedKey: Sendable, Equatable {
    var key: [UInt8]
    var limit: AttemptLimit
    /// Whether a right attempt clears it. An account's does; a network's does not, or whoever has one account there
    /// could guess at all others without end.
    var isClearedByRight: Bool
}

/// From where somebody signs in, by the keys under which that is remembered.
struct PlaceKeys: Sendable, Equatable {
    /// The device, if it has a cookie of ours.
    var device: [UInt8]?
    var network: [UInt8]?
}

/// By what attempts and places are found in the database: HMAC-SHA256 under a key made of `JWT_SECRET` (HKDF, RFC
/// 5869), its first 128 bits. Whoever has only the database learns neither addresses nor networks.
struct AttemptKeys: Sendable {
    private let secret: SymmetricKey

    init(secret: String) {
        self.secret = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)), info: Array("orderline attempts".utf8),
            outputByteCount: 32)
    }

    /// - Parameter device: what the device's cookie holds.
    func place(device: DeviceToken?, network: IPAddress?) -> PlaceKeys {
        PlaceKeys(
            device: device.map { key("device", Array($0.text.utf8)) }, network: network.map { key("place", $0.bytes) })
    }

    /// What a sign-in is counted on. Where the account was signed in to before it is counted by itself, so that no
    /// stranger uses up what its owner has; by the device's cookie alone it is free of what others of its network do.
    func signIn(_ seen: SignInRecord, _ place: PlaceKeys, network: IPAddress?) -> [CountedKey] {
        let ofNetwork = network.map {
            CountedKey(key: key("network", $0.bytes), limit: .network, isClearedByRight: false)
        }
        if let account = seen.password?.account.id {
            if seen.knowsDevice, let device = place.device { return [ofAccount("own device", account, device)] }
            if seen.knowsNetwork, let known = place.network {
                return [ofAccount("own network", account, known)] + [ofNetwork].compactMap(\.self)
            }
        }
        let stranger = CountedKey(
            key: key("stranger", Array(seen.folded.utf8)), limit: .account, isClearedByRight: true)
        return [stranger] + [ofNetwork].compactMap(\.self)
    }

    /// What the password or code of somebody who is signed in is counted on.
    func confirmation(_ what: Confirmation, of user: Identifier) -> [CountedKey] {
        [ofAccount(what.rawValue, user, [])]
    }

    enum Confirmation: String {
        case password
        case code
    }

    private func ofAccount(_ kind: String, _ user: Identifier, _ place: [UInt8]) -> CountedKey {
        CountedKey(
            key: key(kind, Array(user.description.utf8) + place), limit: .account, isClearedByRight: true)
    }

    private func key(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(kind.utf8) + [0] + content, using: secret).prefix(16))
    }
}
