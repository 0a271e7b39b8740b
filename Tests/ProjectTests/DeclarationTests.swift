import Contracts
import Foundation
import LocalStack
import Messaging
import Testing

/// What the declarations say stands in files that are not Swift, too; these keep them together.
struct DeclarationTests {
    @Test("The message server knows every program, and lets each service take its own events and no others")
    func permissions() throws {
        let server = try ProjectFile("Deploy/nats-server.conf")
        #expect(try server.matches(#"^ +user: ([a-z]+)$"#) == Set(ServiceKind.allCases.map(\.rawValue)))
        #expect(
            try server.matches(#"^ +password: \$([A-Z_]+)$"#) == Set(ServiceKind.allCases.map(\.natsPasswordVariable)))
        let declared = Services.all.flatMap(\.consumers)
        #expect(declared.count == 4)
        for operation in [
            #""\$JS\.API\.CONSUMER\.INFO\.EVENTS\.([a-z-]+)""#, #""\$JS\.API\.CONSUMER\.MSG\.NEXT\.EVENTS\.([a-z-]+)""#,
            #""\$JS\.ACK\.EVENTS\.([a-z-]+)\.>""#,
        ] {
            #expect(try server.matches(operation) == Set(declared.map(\.name)), "\(operation)")
        }
        for service in Services.all {
            let own = try #require(server.text.range(of: "user: \(service.name)\n"))
            let rest = server.text[own.upperBound...]
            let block = rest[..<(rest.range(of: "user: ")?.lowerBound ?? rest.endIndex)]
            for consumer in declared {
                #expect(block.contains("EVENTS.\(consumer.name)") == (consumer.service == service.name), "\(consumer)")
            }
            #expect(block.contains("\"\(ServiceDeclaration.events(of: service.name))\""))
        }
    }

    @Test("A service has a schema, a role and a program of its name")
    func kinds() throws {
        #expect(Set(ServiceKind.allCases.filter(\.hasSchema).map(\.rawValue)) == Set(Services.all.map(\.name)))
        let script = try ProjectFile("Deploy/postgres-init.sql")
        let compose = try ProjectFile("docker-compose.yml")
        for service in ServiceKind.allCases {
            #expect(compose.text.contains("command: [\"\(service.executable)\", "))
            #expect(script.text.contains(service.rolePasswordVariable) == service.hasSchema, "\(service)")
        }
        let image = try ProjectFile("Dockerfile")
        let built = try image.matches(#"for product in ([a-z ]+);"#)
        #expect(built == [["auth", "orders", "chat", "gateway", "provision", "demo"].joined(separator: " ")])
    }

    @Test("A service takes events of services that there are, and not its own")
    func sources() {
        for service in Services.all {
            for source in service.sources {
                #expect(Services.all.contains { $0.name == source && !$0.events.isEmpty })
                #expect(source != service.name)
                #expect(service.consumer(from: source).name == "\(service.name)-from-\(source)")
            }
        }
    }
}
