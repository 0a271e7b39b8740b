package import NIOCore
package import Primitives

/// Why what a client sent is no packet of Socket.IO.
package enum SocketIOFault: Error, Sendable, Equatable {
    /// In words for its developer.
    case malformed(String)
    /// The attachments of a packet are more than are read.
    case tooLarge
}

/// An event, or the answer to one, as a client sends it.
package struct SocketIOEvent: Sendable, Equatable {
    package var namespace: String
    /// By which the sender knows the acknowledgement; `nil` when it wants none.
    package var ackID: Int?
    /// Name and data. Where something binary stands, `{"_placeholder":true,"num":n}` does, for the attachment `n`.
    package var arguments: [JSON]
    /// What is refused about `arguments`; a path begins with the argument's place.
    package var defects: [JSONDefect]
    package var attachments: [[UInt8]] = []
}

/// One packet of Socket.IO protocol 5 (https://socket.io/docs/v4/socket-io-protocol/) as carried in an Engine.IO
/// message.
enum SocketIOPacket: Equatable {
    /// `auth` is what the client gave; `null` when nothing.
    case connect(namespace: String, auth: JSON)
    case disconnect(namespace: String)
    /// `attachments` follow as messages of their own.
    case event(SocketIOEvent, attachments: Int)
    case acknowledgement(SocketIOEvent, attachments: Int)

    /// The most attachments that a packet may have.
    static let attachmentLimit = 10

    init(_ bytes: [UInt8]) throws(SocketIOFault) {
        guard let type = bytes.first else { throw .malformed("empty packet") }
        var rest = bytes.dropFirst()
        var attachments = 0
        if type == UInt8(ascii: "5") || type == UInt8(ascii: "6") {
            guard let count = try Self.takeNumber(&rest), rest.first == UInt8(ascii: "-") else {
                throw .malformed("a binary packet tells how many attachments it has")
            }
            guard count <= Self.attachmentLimit else {
                throw .malformed("a packet has at most \(Self.attachmentLimit) attachments")
            }
            rest = rest.dropFirst()
            attachments = count
        }
        let namespace = Self.takeNamespace(&rest)
        let ackID = try Self.takeNumber(&rest)
        switch type {
        case UInt8(ascii: "0"):
            // What cannot be read is no token; the refusal says so in the form that clients expect of a connect.
            self = .connect(namespace: namespace, auth: (try? Self.json(rest).value) ?? .null)
        case UInt8(ascii: "1"): self = .disconnect(namespace: namespace)
        case UInt8(ascii: "2"), UInt8(ascii: "5"):
            let event = try Self.event(namespace, ackID, rest, attachments)
            guard event.arguments.first?.string != nil else {
                throw .malformed("an event is a list that begins with its name")
            }
            if event.defects.contains(where: { $0.path == "0" }) {
                throw .malformed("the event's name is not plain text")
            }
            self = .event(event, attachments: attachments)
        case UInt8(ascii: "3"), UInt8(ascii: "6"):
            self = .acknowledgement(try Self.event(namespace, ackID, rest, attachments), attachments: attachments)
        default: throw .malformed("unknown packet type")
        }
    }

    private static func event(
        _ namespace: String, _ ackID: Int?, _ bytes: ArraySlice<UInt8>, _ attachments: Int
    ) throws(SocketIOFault) -> SocketIOEvent {
        let parsed = try json(bytes)
        guard case .array(let arguments) = parsed.value else { throw .malformed("the packet's data is not a list") }
        return SocketIOEvent(namespace: namespace, ackID: ackID, arguments: arguments, defects: parsed.defects)
    }

    private static func json(_ bytes: ArraySlice<UInt8>) throws(SocketIOFault) -> (value: JSON, defects: [JSONDefect]) {
        do { return try JSONParser.parse(bytes, maximumDepth: JSONParser.clientDepth) } catch {
            throw .malformed(error.reason)
        }
    }

    private static func takeNamespace(_ rest: inout ArraySlice<UInt8>) -> String {
        guard rest.first == UInt8(ascii: "/") else { return "/" }
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest = rest[end...].dropFirst()
        return String(text.prefix { $0 != "?" })
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) throws(SocketIOFault) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
            throw .malformed("a number is too large")
        }
        return number
    }
}

extension JSON {
    /// Which attachment stands here, if one does.
    package var attachmentNumber: Int? {
        guard case .object = self, self["_placeholder"] == .bool(true) else { return nil }
        return self["num"].integer
    }
}

/// The packets that a server sends, each as the text of an Engine.IO message packet.
package enum SocketIOText {
    private static func start(_ type: Character, _ namespace: String, _ attachments: Int = 0) -> String {
        "4\(type)" + (attachments > 0 ? "\(attachments)-" : "") + (namespace == "/" ? "" : "\(namespace),")
    }

    static func connected(_ namespace: String, sid: String) -> ByteBuffer {
        ByteBuffer(string: "\(start("0", namespace)){\"sid\":\"\(sid)\"}")
    }

    static func refused(_ namespace: String, message: String, data: [UInt8]?) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("message", message)
            if let data {
                writer.name("data")
                writer.raw(data)
            }
        }
        return joined(start("4", namespace), writer.bytes)
    }

    package static func disconnected(_ namespace: String = "/") -> ByteBuffer {
        ByteBuffer(string: start("1", namespace))
    }

    /// - Parameter arguments: a list, encoded: name and data.
    package static func event(_ arguments: [UInt8], of namespace: String = "/", attachments: Int = 0) -> ByteBuffer {
        joined(start(attachments > 0 ? "5" : "2", namespace, attachments), arguments)
    }

    /// - Parameter arguments: a list, encoded: what the callback is given.
    package static func acknowledgement(
        _ id: Int, _ arguments: [UInt8], of namespace: String = "/", attachments: Int = 0
    ) -> ByteBuffer {
        joined("\(start(attachments > 0 ? "6" : "3", namespace, attachments))\(id)", arguments)
    }

    private static func joined(_ start: String, _ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: start.utf8.count + body.count)
        buffer.writeString(start)
        buffer.writeBytes(body)
        return buffer
    }
}
