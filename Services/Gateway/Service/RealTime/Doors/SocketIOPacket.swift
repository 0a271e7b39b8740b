import NIOCore
import Primitives

/// One packet of Socket.IO protocol 5 (https://socket.io/docs/v4/socket-io-protocol/) as carried in an Engine.IO
/// message.
enum SocketIOPacket: Equatable {
    /// `auth` is what the client gave; `null` when nothing.
    case connect(namespace: String, auth: JSON)
    case disconnect(namespace: String)
    case event(namespace: String, ClientEvent)
    /// An acknowledgement of ours that nobody asked for: allowed and ignored.
    case acknowledgement
    /// Binary events: nothing in this interface is binary.
    case binary

    static func parse(_ bytes: [UInt8]) throws(FrameFault) -> SocketIOPacket {
        guard let type = bytes.first else { throw .malformed("empty packet") }
        var rest = bytes.dropFirst()
        if type == UInt8(ascii: "5") || type == UInt8(ascii: "6") { return .binary }
        let namespace = takeNamespace(&rest)
        let ackID = try takeNumber(&rest)
        switch type {
        case UInt8(ascii: "0"):
            // What cannot be read is no token; the refusal says so in the form that clients expect of a connect.
            return .connect(namespace: namespace, auth: (try? json(rest).value) ?? .null)
        case UInt8(ascii: "1"): return .disconnect(namespace: namespace)
        case UInt8(ascii: "2"):
            let parsed = try json(rest)
            guard case .array(let arguments) = parsed.value, let name = arguments.first?.string else {
                throw .malformed("an event is a list that begins with its name")
            }
            if parsed.defects.contains(where: { $0.path == "0" }) {
                throw .malformed("the event's name is not plain text")
            }
            let event = ClientEvent(
                ackID: ackID, name: name, data: arguments.count > 1 ? arguments[1] : .null,
                defects: PlainFrame.within(parsed.defects, "1"))
            return .event(namespace: namespace, event)
        case UInt8(ascii: "3"): return .acknowledgement
        default: throw .malformed("unknown packet type")
        }
    }

    private static func json(_ bytes: ArraySlice<UInt8>) throws(FrameFault) -> (value: JSON, defects: [JSONDefect]) {
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

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) throws(FrameFault) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
            throw .malformed("the acknowledgement's number is too large")
        }
        return number
    }

    // What the server sends, each as the text of one Engine.IO message packet.

    static func connected(sessionID: String) -> ByteBuffer { ByteBuffer(string: "40{\"sid\":\"\(sessionID)\"}") }

    static func refused(namespace: String, message: String, problem: [UInt8]?) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("message", message)
            if let problem {
                writer.name("data")
                writer.raw(problem)
            }
        }
        return packet(namespace == "/" ? "44" : "44\(namespace),", writer.bytes, "")
    }

    static let disconnected = ByteBuffer(string: "41")

    static func event(_ name: String, data: [UInt8]) -> ByteBuffer { packet("42[\"\(name)\",", data, "]") }

    static func acknowledgement(_ id: Int, data: [UInt8]) -> ByteBuffer { packet("43\(id)[{\"data\":", data, "}]") }

    static func refusal(_ id: Int, problem: [UInt8]) -> ByteBuffer { packet("43\(id)[{\"error\":", problem, "}]") }

    private static func packet(_ start: String, _ body: [UInt8], _ end: String) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: start.utf8.count + body.count + end.utf8.count)
        buffer.writeString(start)
        buffer.writeBytes(body)
        buffer.writeString(end)
        return buffer
    }
}
