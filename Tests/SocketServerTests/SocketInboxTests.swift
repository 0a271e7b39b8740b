import Testing

@testable import SocketServer

struct SocketInboxTests {
    private func text(_ bytes: [UInt8]) -> SocketMessage { .text(bytes) }

    @Test("Frames come out in their order, and a worker is called once until it has rested")
    func order() {
        var inbox = SocketInbox()
        let calls = [inbox.take(text([1])).mustWork, inbox.take(text([2])).mustWork]
        #expect(calls == [true, false])
        let first = inbox.next().message
        let restsTooEarly = inbox.rest()
        let rest = [inbox.next().message, inbox.next().message]
        #expect(first == text([1]) && rest == [text([2]), nil])
        let rests = inbox.rest()
        #expect(!restsTooEarly && rests)
        let again = inbox.take(text([3])).mustWork
        #expect(again)
    }

    @Test(
        "Reading pauses once, at the number of frames or of bytes, and resumes once, at a quarter of it",
        arguments: [1, 64 * 1024])
    func bounds(size: Int) {
        var inbox = SocketInbox()
        let frame = [UInt8](repeating: 0, count: size)
        let most = min(SocketInbox.messageLimit, SocketInbox.byteLimit / size)
        for number in 1...most + 5 {
            let reading = inbox.take(text(frame)).reading
            #expect(reading == (number == most ? .pause : nil), "\(number)")
        }
        for left in (0..<most + 5).reversed() {
            let reading = inbox.next().reading
            #expect(reading == (left == most / 4 ? .resume : nil), "\(left)")
        }
    }

    @Test("What is closed forgets its frames, takes none, lets the worker go and reading go on")
    func close() {
        var inbox = SocketInbox()
        for _ in 0..<SocketInbox.messageLimit { _ = inbox.take(text([1])) }
        let readings = [inbox.close(), inbox.close()]
        #expect(readings == [.resume, nil])
        let taken = inbox.take(text([1]))
        #expect(!taken.mustWork && taken.reading == nil)
        let next = inbox.next()
        let rests = inbox.rest()
        #expect(next.message == nil && next.reading == nil && rests)
    }
}
