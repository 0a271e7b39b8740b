import CZlib

/// gzip (RFC 1952), by zlib.
enum Gzip {
    /// All of it at once, as small as zlib can.
    /// - Returns: `nil` when zlib will not, or when it would be no smaller.
    static func compressed(_ plain: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // A window of 32 KiB, and a gzip head instead of zlib's own.
        let window = MAX_WBITS + 16
        guard
            deflateInit2_(
                &stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var input = plain
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(plain.count))))
        let isDone = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
        }
        let count = Int(stream.total_out)
        return isDone && count < plain.count ? Array(output[..<count]) : nil
    }
}
