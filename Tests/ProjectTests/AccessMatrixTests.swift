import Configuration
import Foundation
import HTTPTypes
import Testing

@testable import GatewayService

struct AccessMatrixTests {
    /// It ends the session by which the others are tried; `test_identity.py` tries it.
    private static let elsewhere = ["POST /auth/logout"]

    @Test("Every route for signed-in users is tried as owner, another, Admin and nobody")
    func rows() throws {
        let configuration = try GatewayConfiguration(
            reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: [:])))
        let routes = try GatewayService(configuration: configuration).routes.routes.filter { $0.access != .anyone }
        #expect(routes.count > 20)
        let wanted = Set(routes.map { plain("\($0.method.rawValue) \($0.path.replacing("/api/v1", with: ""))") })
        let matrix = try ProjectFile("Tests/Clients/test_access_matrix.py")
        let tried = try matrix.matches(#"^    Row\("([A-Z]+", "[^"?]+)"#).map {
            plain($0.replacing("\", \"", with: " "))
        }
        #expect(wanted == Set(tried + Self.elsewhere))
    }

    /// A path whose placeholders have no names.
    private func plain(_ route: String) -> String { route.replacing(#/\{[^}]*\}/#, with: "{}") }
}
