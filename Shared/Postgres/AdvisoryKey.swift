import Crypto

/// The key of an advisory lock named `name`: the first 8 bytes of its SHA-256.
package func advisoryKey(_ name: String) -> Int64 {
    var key: Int64 = 0
    for byte in Digest.sha256(of: name).prefix(8) { key = key << 8 | Int64(byte) }
    return key
}

/// SHA-256, by which locks are named and migrations told apart.
enum Digest {
    static func sha256(of text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { bytes in
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return Array(hash.finalize())
        }
    }
}
