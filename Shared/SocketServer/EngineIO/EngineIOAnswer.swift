package import HTTPTypes
package import NIOCore

/// Why a request is refused, as the reference server tells it: `{"code":…,"message":…}` with 400.
package enum EngineIOFault: Int, Error, Sendable, CaseIterable {
    case unknownTransport = 0
    case unknownSession = 1
    case badHandshakeMethod = 2
    case badRequest = 3
    case forbidden = 4
    case unsupportedVersion = 5

    var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedVersion: "Unsupported protocol version"
        }
    }
}

/// The answer to a request of long-polling.
package struct EngineIOAnswer: Sendable, Equatable {
    package var status: HTTPResponse.Status
    package var contentType: String
    package var body: ByteBuffer

    package init(status: HTTPResponse.Status, contentType: String, body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// Packets, one or several.
    package static func payload(_ body: ByteBuffer) -> EngineIOAnswer {
        EngineIOAnswer(status: .ok, contentType: "text/plain; charset=UTF-8", body: body)
    }

    /// What was posted has been taken.
    static let taken = payload(ByteBuffer(string: "ok"))

    package static func refused(_ fault: EngineIOFault) -> EngineIOAnswer {
        EngineIOAnswer(
            status: .badRequest, contentType: "application/json",
            body: ByteBuffer(string: "{\"code\":\(fault.rawValue),\"message\":\"\(fault.message)\"}"))
    }
}
