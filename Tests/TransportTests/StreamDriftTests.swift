import Messaging
import Primitives
import TestKit
import Testing

@testable import NATSTransport

/// What of a stream or a consumer is noticed when it is another than declared, and mended.
@Suite(.bounded)
struct StreamDriftTests {
    private let definition = StreamDefinition()

    /// `object` with one member changed or added.
    private func changed(_ object: JSON, _ name: String, _ value: JSON) -> JSON {
        guard case .object(let members) = object else { return object }
        return .object(members.filter { $0.name != name } + [JSONMember(name, value)])
    }

    @Test("What is as declared is not mended, nor what a server adds or leaves out because it is nought")
    func same() throws {
        let consumer = try #require(definition.consumers.first)
        let config = definition.configuration(of: consumer)["config"]
        #expect(definition.drift(ofStream: definition.stream) == [])
        #expect(definition.drift(of: consumer, config) == [])
        #expect(definition.drift(of: consumer, changed(config, "max_waiting", .integer(512))) == [])
        #expect(definition.drift(of: consumer, changed(config, "inactive_threshold", .integer(0))) == [])
    }

    @Test("Each declared setting that is another is named, and so is each that would take events away")
    func other() throws {
        let consumer = try #require(definition.consumers.first)
        let config = definition.configuration(of: consumer)["config"]
        guard case .object(let members) = config, case .object(let settings) = definition.stream else {
            throw TestFailure("no objects")
        }
        for member in members {
            #expect(definition.drift(of: consumer, changed(config, member.name, .string("other"))) == [member.name])
        }
        for setting in settings {
            let found = changed(definition.stream, setting.name, .string("other"))
            #expect(definition.drift(ofStream: found) == [setting.name])
        }
        for (name, value) in [
            ("inactive_threshold", JSON.integer(1)), ("deliver_subject", .string("live.x")),
            ("headers_only", .bool(true)),
        ] {
            #expect(definition.drift(of: consumer, changed(config, name, value)) == [name])
        }
        #expect(definition.drift(ofStream: changed(definition.stream, "no_ack", .bool(true))) == ["no_ack"])
    }

    @Test("A stream and a consumer that somebody has changed are found and mended at the next look")
    func mended() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                let provisioner = Provisioner(transport: transport)
                try await provisioner.provision()
                #expect(try await provisioner.repair() == false)
                let definition = StreamDefinition()
                let consumer = try #require(definition.consumers.first)
                _ = try await StreamAPI.call(
                    transport, "CONSUMER.DURABLE.CREATE.EVENTS.\(consumer.name)",
                    StreamAPI.object([
                        "stream_name": .string("EVENTS"),
                        "config": changed(
                            changed(
                                definition.configuration(of: consumer)["config"], "inactive_threshold",
                                .integer(600_000_000_000)), "ack_wait", .integer(1_000_000_000)),
                    ]))
                _ = try await StreamAPI.call(
                    transport, "STREAM.UPDATE.EVENTS",
                    changed(definition.stream, "max_age", .integer(3_600_000_000_000)))
                #expect(try await provisioner.repair())
                #expect(try await provisioner.repair() == false)
                let found = try await StreamAPI.call(transport, "CONSUMER.INFO.EVENTS.\(consumer.name)")
                #expect(definition.drift(of: consumer, found["config"]) == [])
            }
        }
    }

    @Test("What the server will not change is reported by name, and does not keep the rest from being mended")
    func cannotBeMended() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                let definition = StreamDefinition()
                let first = try #require(definition.consumers.first)
                _ = try await StreamAPI.call(transport, "STREAM.CREATE.EVENTS", definition.stream)
                _ = try await StreamAPI.call(
                    transport, "CONSUMER.DURABLE.CREATE.EVENTS.\(first.name)",
                    StreamAPI.object([
                        "stream_name": .string("EVENTS"),
                        "config": changed(
                            definition.configuration(of: first)["config"], "ack_policy", .string("all")),
                    ]))
                let error = await #expect(throws: TransportError.self) {
                    try await Provisioner(transport: transport).repair()
                }
                #expect("\(error as Any)".contains("\(first.name)"))
                #expect("\(error as Any)".contains("ack_policy"))
                for consumer in definition.consumers.dropFirst() {
                    _ = try await StreamAPI.call(transport, "CONSUMER.INFO.EVENTS.\(consumer.name)")
                }
            }
        }
    }
}
