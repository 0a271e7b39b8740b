import Contracts
import Messaging
import NIOCore
import Primitives
import Synchronization

/// A transcript on its way to a client, in pieces of a page each. A page is asked for when the piece before has been
/// taken, so that it costs the same however long it is, and while a client does not read, no service does anything for
/// it.
///
/// For one response. When a page cannot be had it fails, and the connection is cut: a client must not take for all what
/// is a part.
final class TranscriptStream: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let head: TranscriptHead
    private let renderer: any TranscriptRenderer
    private let pages: TranscriptPages
    /// Given up as soon as it is written: a slow reader would keep it for as long as it reads.
    private let firstPage: Mutex<[Message]>

    init(_ head: TranscriptHead, _ firstPage: [Message], renderer: any TranscriptRenderer, pages: TranscriptPages) {
        self.head = head
        self.renderer = renderer
        self.pages = pages
        self.firstPage = Mutex(firstPage)
    }

    /// Of no use beside another one of the same transcript.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let stream: TranscriptStream
        private var place: TranscriptPlace
        private var hasBegun = false

        fileprivate init(_ stream: TranscriptStream) {
            self.stream = stream
            place = TranscriptPlace(end: stream.head.lastSeq)
        }

        mutating func next() async throws -> ByteBuffer? {
            var bytes: [UInt8] = []
            let messages: [Message]
            if !hasBegun {
                stream.renderer.begin(stream.head, &bytes)
                messages = stream.takeFirstPage()
                try place.take(messages)
                hasBegun = true
            } else if !place.isAtEnd {
                messages = try await stream.pages.next(of: stream.head.orderID, &place)
            } else {
                return nil
            }
            for message in messages { stream.renderer.add(message, &bytes) }
            if place.isAtEnd { stream.renderer.end(stream.head, &bytes) }
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    private func takeFirstPage() -> [Message] {
        firstPage.withLock { page in
            defer { page = [] }
            return page
        }
    }
}
