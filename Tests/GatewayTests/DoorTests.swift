import HTTPServer
import HTTPTypes
import NIOCore
import Testing

@testable import GatewayService

struct DoorTests {
    @Test("A door has one path, to the letter")
    func doors() {
        for path in ["/ws", "/socket.io/"] { #expect(SocketDoors.has(path), "\(path)") }
        for path in ["/ws/", "/socket.io", "//ws", "/WS", "/socket.io//", "/"] {
            #expect(!SocketDoors.has(path), "\(path)")
        }
    }

    @Test("A path is exact when no segment is empty")
    func paths() {
        for path in ["/", "/a", "/a/b", "/socket.io/", "*", ""] { #expect(RouteTable.isExact(path), "\(path)") }
        for path in ["//", "/a/", "//a", "/a//b", "/socket.io//", "/x/socket.io/"] {
            #expect(!RouteTable.isExact(path), "\(path)")
        }
    }

    @Test(
        "Every refusal is a problem of the catalogue",
        arguments: [
            (Refusal.malformed, 400), (.targetTooLong, 414), (.fieldsTooLarge, 431), (.expectationFailed, 417),
            (.tunnelAsked, 405), (.tooSlow, 408), (.tooManyConnections, 429), (.overloaded, 503),
        ])
    func refusals(refusal: Refusal, status: Int) {
        let (response, body) = RefusalAnswer(crossOrigin: CrossOrigin(origins: OriginPolicy([])), hasTLS: false).make(
            refusal, RefusedHead())
        #expect(response.status.code == status)
        #expect(response.headerFields[.contentType] == "application/problem+json")
        #expect(response.headerFields[.contentLength] == String(body.readableBytes))
        #expect((response.headerFields[.allow] != nil) == (status == 405))
    }
}
