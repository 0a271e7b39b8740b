import Contracts
import Messaging
import Primitives
import Testing

/// What gateways tell each other: read as neighbours of another version write it.
struct SignalTests {
    private let orderID = Identifier(high: 0x0197_a1b2_c3d4_7e5f, low: 0x8a6b_0000_0000_000a)
    private let user = Participant(
        id: Identifier(high: 0x0197_a1b2_c3d4_7e5f, low: 0x8a6b_0000_0000_0001), name: "Ann Ünal", role: .regular)
    private static let person =
        #"{"id":"0197a1b2-c3d4-7e5f-8a6b-000000000001","name":"Ann Ünal","role":"Regular"}"#

    @Test("Ten letters and digits name a gateway, and nothing else does")
    func gatewayID() {
        #expect(GatewayID("abcdefgh09")?.description == "abcdefgh09")
        for text in ["", "abcdefgh0", "abcdefgh090", "Abcdefgh09", "abcdefgh.9", "abcdefgh\u{e9}"] {
            #expect(GatewayID(text) == nil, "\(text)")
        }
        let made = (0..<100).map { _ in GatewayID.make() }
        #expect(Set(made).count == 100)
        #expect(made.allSatisfy { GatewayID($0.description) == $0 })
    }

    @Test("A signal of a room says which gateway it is from, and one of chat says none")
    func roomSignal() throws {
        let gateway = try #require(GatewayID("abcdefgh09"))
        let signal = RoomSignal(kind: .typing, orderID: orderID, seq: 7, gateway: gateway, data: [1])
        #expect(signal.envelope["gateway"] == "abcdefgh09" && signal.envelope["seq"] == "7")
        #expect(RoomSignal(subject: signal.subject, envelope: signal.envelope) == signal)
        let read = RoomSignal(kind: .messagesRead, orderID: orderID, seq: 7, data: [1])
        #expect(read.envelope["gateway"] == nil)
        #expect(RoomSignal(subject: read.subject, envelope: read.envelope) == read)
    }

    @Test("A gateway's word of itself is read from its subject and its header, and an unknown one is none")
    func gatewaySignal() throws {
        let gateway = try #require(GatewayID("abcdefgh09"))
        for kind in GatewaySignal.Kind.allCases {
            let signal = GatewaySignal(kind, of: gateway)
            #expect(signal.subject == "live.gateway.abcdefgh09")
            #expect(GatewaySignal(subject: signal.subject, envelope: signal.envelope) == signal)
        }
        let later = Envelope(headers: [Envelope.Header("event", "sings")])
        #expect(GatewaySignal(subject: "live.gateway.abcdefgh09", envelope: later) == nil)
        let alive = GatewaySignal(.alive, of: gateway).envelope
        #expect(GatewaySignal(subject: "live.gateway.no", envelope: alive) == nil)
    }

    @Test("Lists of users and keystrokes are written as they always were, and read with what a later version adds")
    func data() throws {
        let samples: [(String, PresenceSignal)] = [
            (#"{"users":[\#(Self.person)],"asks":false}"#, PresenceSignal(users: [user])),
            (#"{"users":[],"asks":false}"#, PresenceSignal(users: [])),
            (#"{"asks":true}"#, PresenceSignal(users: nil, asks: true)),
        ]
        for (text, signal) in samples {
            #expect(String(decoding: JSONWriter.encode(signal), as: UTF8.self) == text)
            #expect(try PresenceSignal(jsonBytes: Array(text.utf8)) == signal)
            let extended = text.dropLast() + #","addedLater":{"a":1}}"#
            #expect(try PresenceSignal(jsonBytes: Array(extended.utf8)) == signal)
        }
        let typing = #"{"user":\#(Self.person),"isTyping":true}"#
        let signal = TypingSignal(user: user, isTyping: true)
        #expect(String(decoding: JSONWriter.encode(signal), as: UTF8.self) == typing)
        #expect(try TypingSignal(jsonBytes: Array(typing.utf8)) == signal)
        for text in ["", #"{"users":7}"#, #"{"users":[{"id":"x"}]}"#] {
            #expect(throws: (any Error).self) { try PresenceSignal(jsonBytes: Array(text.utf8)) }
        }
    }
}
