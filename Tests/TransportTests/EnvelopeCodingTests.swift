import Messaging
import Testing

@testable import NATSTransport

@Suite struct EnvelopeCodingTests {
    private func decode(_ bytes: [UInt8]) -> Envelope { bytes.withUnsafeBufferPointer { EnvelopeCoding.decode($0) } }

    @Test("What is encoded is decoded", arguments: RequestConformanceTests.envelopes)
    func roundTrip(envelope: Envelope) throws {
        #expect(decode(try EnvelopeCoding.encode(envelope)) == envelope)
        let sent = try EnvelopeCoding.withEncoded(envelope) { Array($0) }
        #expect(decode(sent) == envelope)
    }

    @Test("Without headers the payload travels as it is")
    func plain() throws {
        let payload = Array("{\"a\":1}".utf8)
        #expect(try EnvelopeCoding.withEncoded(Envelope(payload: payload)) { Array($0) } == payload)
    }

    @Test(
        "Bytes that only begin like a header block are a payload",
        arguments: [
            [1], [1, 1], [1, 1, 5], [1, 1, 5, 0, 0], [1, 2, 1, 0, 0, 97], [1, 1, 0, 255, 255, 97],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(decode(bytes) == Envelope(payload: bytes))
    }

    @Test("Headers that do not fit are refused")
    func tooLong() {
        #expect(throws: TransportError.self) {
            try EnvelopeCoding.encode(Envelope(headers: [.init(String(repeating: "n", count: 256), "")]))
        }
        #expect(throws: TransportError.self) {
            try EnvelopeCoding.encode(Envelope(headers: [.init("n", String(repeating: "v", count: 65_536))]))
        }
        #expect(throws: TransportError.self) {
            try EnvelopeCoding.encode(Envelope(headers: (0..<256).map { _ in .init("n", "v") }))
        }
    }
}
