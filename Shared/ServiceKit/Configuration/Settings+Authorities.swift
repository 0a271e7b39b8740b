import Foundation

extension Settings {
    /// `NATS_CA`: the PEM file of the authorities that vouch for the servers of `url`; `nil` for the system's.
    package mutating func natsAuthorities(for url: String) -> String? {
        guard let file = optionalString("nats.ca") else { return nil }
        if !FileManager.default.isReadableFile(atPath: file) { fault("nats.ca", "the file \(file) cannot be read") }
        // Anything else would go in the clear although somebody has said whom to trust.
        if url.split(separator: ",").contains(where: { !$0.hasPrefix("tls://") }) {
            fault("nats.ca", "is set, so every address of NATS_URL must begin with tls://")
        }
        return file
    }
}
