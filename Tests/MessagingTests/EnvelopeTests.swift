import Primitives
import Testing

@testable import Messaging

struct EnvelopeTests {
    @Test(
        "A caller's name survives the header, whatever it is written in",
        arguments: [
            "Ann", "", " ", "Ann Ünal", "日本語", "😀👨‍👩‍👧", "a%20b", "100%", "tab\tline\nend", "Z\u{301}", "\u{0}\u{7f}",
        ])
    func callerRoundTrip(name: String) throws {
        let caller = Caller(userID: .make(), sessionID: .make(), role: .regular, name: name)
        let value = caller.headerValue
        #expect(value.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(Caller(headerValue: value) == caller)
    }

    @Test(
        "A header that is no caller is none",
        arguments: [
            "", "a b c d", "0197a1b2-c3d4-7e5f-8a6b-000000000001", " ", "%",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Root Ann",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin A B",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin %2",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin %+2",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin %zz",
            "0197a1b2-c3d4-7e5f-8a6b-000000000001 0197a1b2-c3d4-7e5f-8a6b-000000000002 Admin %ff",
        ])
    func noCaller(value: String) {
        #expect(Caller(headerValue: value) == nil)
    }

    @Test("A context survives the headers; an unreadable caller makes none rather than an anonymous one")
    func contextRoundTrip() throws {
        let context = CallContext(
            caller: Caller(userID: .make(), sessionID: .make(), role: .admin, name: "Ann"), requestID: "r-1",
            traceparent: "00-1-2-01", client: IPAddress("2001:DB8::1"), deadline: .now + .seconds(5))
        let read = try #require(CallContext(envelope: Envelope(headers: context.headers)))
        #expect(read.caller == context.caller && read.requestID == "r-1")
        #expect(read.traceparent == context.traceparent)
        #expect(read.client?.description == "2001:db8::1")
        let anonymous = try #require(CallContext(envelope: Envelope()))
        #expect(anonymous.caller == nil)
        #expect(throws: ServiceError.unauthenticated) { try anonymous.requireCaller() }
        #expect(CallContext(envelope: Envelope(headers: [.init("caller", "somebody")])) == nil)
    }

    @Test("A deadline travels as the time that is left, whatever the other machine's clock says")
    func timeLeft() throws {
        let deadline = ContinuousClock.now + .seconds(5)
        let headers = CallContext(requestID: "r-1", deadline: deadline).headers
        let left = try #require(headers.first { $0.name == "time-left" }.flatMap { Int($0.value) })
        #expect((1...5000).contains(left), "no moment of a clock")
        let read = try #require(CallContext(envelope: Envelope(headers: headers))?.deadline)
        // A millisecond may be cut off, and the way takes time.
        #expect(read >= deadline - .milliseconds(1) && read < .now + .seconds(6))
        let past = CallContext(requestID: "r-1", deadline: .now - .seconds(1)).headers
        #expect(past.contains(.init("time-left", "0")))
    }

    @Test("A request that waited on its way has so much less time; one that has all the time has all the same")
    func lateBy() throws {
        func deadline(_ headers: [Envelope.Header]) throws -> ContinuousClock.Instant? {
            try #require(CallContext(envelope: Envelope(headers: headers))).deadline
        }
        let sent = CallContext(requestID: "r", deadline: .now + .seconds(5)).headers
        let late = try #require(try deadline(sent + [.init(Envelope.lateHeader, "4000")]))
        #expect(late < .now + .seconds(2) && late > .now - .seconds(1))
        #expect(try #require(try deadline(sent + [.init(Envelope.lateHeader, "9000")])) < .now)
        for odd in ["", "x", "-9000"] {
            #expect(try #require(try deadline(sent + [.init(Envelope.lateHeader, odd)])) > .now + .seconds(3))
        }
        #expect(try deadline([.init(Envelope.lateHeader, "9000")]) == nil)
    }

    @Test(
        "What is no time that is left sets no bound or an endless one, and never stops a process",
        arguments: ["", "soon", "-1", "99999999999999999999", "9223372036854775807"])
    func oddTimeLeft(value: String) throws {
        let read = try #require(CallContext(envelope: Envelope(headers: [.init("time-left", value)])))
        if let deadline = read.deadline { #expect(deadline <= .now + .seconds(86_400)) }
    }

    @Test("An Admin is asked for where only Admins may")
    func requireAdmin() throws {
        let regular = Caller(userID: .make(), sessionID: .make(), role: .regular, name: "Ann")
        #expect(throws: ServiceError.forbidden) { try CallContext(caller: regular, requestID: "r").requireAdmin() }
    }

    @Test(
        "A relayed body arrives byte for byte",
        arguments: ["", "{}", "{\n\"a\": 1\n}", "\n\n", "not JSON \u{0}\n", "{\"a\":\"ä\r\n\"}"])
    func relayedBody(body: String) throws {
        let request = Relay(name: "line\nfeed", body: Array(body.utf8))
        let read = try Relay(encoded: request.encoded)
        #expect(read.body == request.body)
        #expect(read.name == request.name)
    }

    @Test("Bytes that are not UTF-8 are relayed too: the owner refuses them")
    func relayedBytes() throws {
        let bytes: [UInt8] = [0xFF, 10, 0xC3]
        #expect(try Relay(encoded: Relay(name: "a", body: bytes).encoded).body == bytes)
    }

    @Test(
        "Parameters that cannot be read are a mismatch with its path",
        arguments: ["", "{}", "[1]", "{\"name\":1}", "{"])
    func unreadable(text: String) {
        #expect(throws: JSONMismatch.self) { try Relay(encoded: Array(text.utf8)) }
    }

    @Test("An error survives the wire with faults, waiting time and further members")
    func errorRoundTrip() throws {
        let error = ServiceError(
            .validationFailed, "detail", faults: [FieldFault("a.b", "type", "must")], retryAfter: 3,
            extra: [JSONMember("allowed", .array([]))])
        #expect(try ServiceError(jsonBytes: JSONWriter.encode(error)) == error)
        let unknown = ServiceError(ErrorCode(rawValue: "from-the-future"), "d")
        #expect(try ServiceError(jsonBytes: JSONWriter.encode(unknown)) == unknown)
    }

    @Test("The facts of an answer survive the headers")
    func answerFacts() {
        let facts = AnswerMetadata(isCreated: true, version: 7, id: .make(), isReplayed: true)
        #expect(AnswerMetadata(headers: facts.headers) == facts)
        #expect(AnswerMetadata(headers: []) == AnswerMetadata())
    }
}

/// A request with a client's body.
struct Relay: RelayedRequest {
    typealias Reply = Echo
    static let subject = "test.relay"

    struct Input: InputFields { static let about = "Nothing that is read." }

    static let input = Input()

    var name: String
    var body: [UInt8]

    init(name: String, body: [UInt8]) {
        self.name = name
        self.body = body
    }

    init(json: JSON) throws(JSONMismatch) {
        name = try json.get("name")
        body = []
    }

    func write(to writer: inout JSONWriter) { writer.object { $0.field("name", name) } }
}

struct Echo: JSONCodable, Sendable, Equatable {
    var text: String

    init(_ text: String) { self.text = text }

    init(json: JSON) throws(JSONMismatch) { text = try json.get("text") }

    func write(to writer: inout JSONWriter) { writer.object { $0.field("text", text) } }
}
