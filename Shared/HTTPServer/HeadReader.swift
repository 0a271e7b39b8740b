import HTTPTypes
package import NIOCore

/// Reads the head of one request, line by line, however the bytes are cut (RFC 9112 §2 to §6).
///
/// Strict where readers differ: what is framed in two ways, folded, ended by a bare line feed or spelled otherwise than
/// the grammar has it is refused and not mended. A value: it does no I/O and holds nothing but the fields read so far.
package struct HeadReader {
    /// What the bytes so far have come to.
    package enum Step: Equatable {
        case needsMore
        case head(RequestHead)
        case refused(Refusal)
    }

    private let scheme: String
    private var line: RequestLine?
    private var section = FieldSection()
    /// Bytes of the unfinished line that are known to hold no line feed.
    private var scanned = 0
    private var emptyLines = 0

    /// - Parameter scheme: of a target that names none: `http` or `https`.
    package init(scheme: String = "http") { self.scheme = scheme }

    /// What has been read of the head.
    var partialHead: RefusedHead { RefusedHead(method: line?.method, fields: section.fields) }

    /// Whether a request line has been read.
    var hasBegun: Bool { line != nil }

    /// Takes whole lines out of `buffer`; after a head or a refusal the reader is done.
    package mutating func read(from buffer: inout ByteBuffer) -> Step {
        let (consumed, step) = buffer.withUnsafeReadableBytes { bytes -> (Int, Step) in
            var start = 0
            while true {
                guard let end = bytes.offset(of: 0x0A, from: start + scanned) else {
                    scanned = bytes.count - start
                    return (start, waiting(bytes.slice(start..<bytes.count)))
                }
                scanned = 0
                guard end > start, bytes[end - 1] == 0x0D else {
                    return (end + 1, .refused(tooLong(end - start) ?? .malformed))
                }
                do throws(Refusal) {
                    if let head = try take(bytes.slice(start..<end - 1)) { return (end + 1, .head(head)) }
                } catch {
                    return (end + 1, .refused(error))
                }
                start = end + 1
            }
        }
        buffer.moveReaderIndex(forwardBy: consumed)
        return step
    }

    /// Judges a line whose end has not come: no more of it is kept than a line may have, and what cannot become a
    /// request, such as a TLS greeting, is not waited for.
    private func waiting(_ start: UnsafeRawBufferPointer) -> Step {
        if let refusal = tooLong(start.count) {
            let isRequest = line != nil || start.slice(0..<HeadLimit.method + 1).contains(0x20)
            return .refused(isRequest ? refusal : .malformed)
        }
        if line == nil, let first = start.first, first != 0x0D, !ByteClass.of(first).contains(.token) {
            return .refused(.malformed)
        }
        return .needsMore
    }

    private func tooLong(_ count: Int) -> Refusal? {
        if line == nil { return count > HeadLimit.requestLine ? .targetTooLong : nil }
        return count > HeadLimit.field ? .fieldsTooLarge : nil
    }

    private mutating func take(_ text: UnsafeRawBufferPointer) throws(Refusal) -> RequestHead? {
        guard let line else {
            if text.isEmpty {
                emptyLines += 1
                guard emptyLines <= HeadLimit.emptyLines else { throw .malformed }
            } else {
                guard text.count <= HeadLimit.requestLine else { throw .targetTooLong }
                line = try RequestLine(text, scheme: scheme)
            }
            return nil
        }
        if text.isEmpty { return try finished(line) }
        try section.add(text)
        return nil
    }

    private func finished(_ line: RequestLine) throws(Refusal) -> RequestHead {
        guard section.host != nil || line.isVersion10 else { throw .malformed }
        if section.isChunked {
            // A length beside it is how requests are smuggled; HTTP/1.0 knows no chunks (RFC 9112 §6.1).
            guard section.contentLength == nil, !line.isVersion10 else { throw .malformed }
        }
        var head = RequestHead(
            request: HTTPRequest(
                method: line.method, scheme: line.scheme, authority: line.authority ?? section.host, path: line.path,
                headerFields: section.fields))
        head.isVersion10 = line.isVersion10
        head.keepsAlive = !section.asksClose && (!line.isVersion10 || section.asksKeepAlive)
        head.asksUpgrade = section.asksUpgrade && !line.isVersion10
        if section.isChunked {
            head.framing = .chunked
        } else if let length = section.contentLength, length > 0 {
            head.framing = .length(length)
        }
        if !line.isVersion10 {
            // One that speaks HTTP/1.0 cannot have meant it (RFC 9110 §10.1.1).
            if section.awaitsSomethingElse { throw .expectationFailed }
            head.awaitsContinue = section.awaitsContinue && head.framing != .none
        }
        return head
    }
}
