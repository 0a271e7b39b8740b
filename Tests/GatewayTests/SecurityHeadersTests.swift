import HTTPTypes
import Testing

@testable import GatewayService

struct SecurityHeadersTests {
    @Test("Browsers are bound to HTTPS over HTTPS alone, on pages and on answers", arguments: [true, false])
    func transport(isSecure: Bool) {
        for type in ["application/json", "text/html; charset=utf-8"] {
            var headers: HTTPFields = [.contentType: type]
            SecurityHeaders.add(to: &headers, isSecure: isSecure)
            #expect(headers[values: .strictTransportSecurity].count == (isSecure ? 1 : 0))
            #expect(headers[.xContentTypeOptions] == "nosniff" && headers[.contentSecurityPolicy] != nil)
        }
    }
}
