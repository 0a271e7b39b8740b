/// Events as they happen, for `for try await`. Each loop has its own, from its first `next()` on.
///
/// 10,000 may wait for one loop; one that reads more slowly than that gets what waits and then `too-slow`.
public struct EventSequence<Element: Sendable>: AsyncSequence, Sendable {
    let begin: @Sendable () async throws -> AsyncThrowingStream<Element, any Error>

    public func makeAsyncIterator() -> Iterator { Iterator(begin: begin) }

    public struct Iterator: AsyncIteratorProtocol {
        let begin: @Sendable () async throws -> AsyncThrowingStream<Element, any Error>
        private var stream: AsyncThrowingStream<Element, any Error>.Iterator?

        init(begin: @escaping @Sendable () async throws -> AsyncThrowingStream<Element, any Error>) {
            self.begin = begin
        }

        public mutating func next() async throws -> Element? {
            var stream = if let stream { stream } else { try await begin().makeAsyncIterator() }
            defer { self.stream = stream }
            return try await stream.next(isolation: #isolation)
        }
    }
}
