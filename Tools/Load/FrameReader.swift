internal import NIOCore

/// Takes a server's WebSocket frames (RFC 6455) out of what was received.
struct FrameReader {
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    private var buffer = ByteBuffer()

    mutating func add(_ part: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = part
        } else {
            var part = part
            buffer.writeBuffer(&part)
        }
    }

    /// The next whole frame, `nil` when there is none yet.
    mutating func next() -> (opcode: Opcode, payload: ByteBuffer)? {
        let start = buffer.readerIndex
        guard let first: UInt8 = buffer.getInteger(at: start), let second: UInt8 = buffer.getInteger(at: start + 1)
        else {
            return nil
        }
        var head = 2
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long: UInt16 = buffer.getInteger(at: start + 2) else { return nil }
            (head, length) = (4, Int(long))
        } else if length == 127 {
            guard let long: UInt64 = buffer.getInteger(at: start + 2) else { return nil }
            (head, length) = (10, Int(long))
        }
        guard buffer.readableBytes >= head + length else { return nil }
        buffer.moveReaderIndex(forwardBy: head)
        guard let payload = buffer.readSlice(length: length) else { return nil }
        return (Opcode(rawValue: first & 0xF) ?? .continuation, payload)
    }

    /// The lines before the first frame, up to an empty one; `nil` when they are not whole yet.
    mutating func readHead() -> String? {
        guard let end = buffer.withUnsafeReadableBytes({ ByteScan.end(of: "\r\n\r\n", in: $0) }) else { return nil }
        return buffer.readString(length: end)
    }
}

extension ByteBuffer {
    /// Writes a client's frame of less than 64 KiB whose payload `body` writes.
    ///
    /// The masking key is 0, so that the payload stays as it is: a client must mask, and no proxy is on the way that an
    /// unpredictable key would protect.
    mutating func writeFrame(_ opcode: FrameReader.Opcode, _ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeInteger(0x80 | opcode.rawValue)
        writeInteger(0x80 | 126 as UInt8)
        writeInteger(0 as UInt16)
        writeInteger(0 as UInt32)
        body(&self)
        let count = writerIndex - start - 8
        guard count <= 125 else {
            setInteger(UInt16(count), at: start + 2)
            return
        }
        // A short length must be spelled short (RFC 6455 §5.2); the key is 0, and the payload goes where the rest of it
        // was.
        setInteger(0x80 | UInt8(count), at: start + 1)
        if count > 0, let payload = getSlice(at: start + 8, length: count) { setBuffer(payload, at: start + 6) }
        moveWriterIndex(to: start + 6 + count)
    }
}
