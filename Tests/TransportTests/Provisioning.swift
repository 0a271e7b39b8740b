import Contracts

@testable import NATSTransport

extension StreamDefinition {
    /// The stream of the services that there are.
    init(
        name: String = "EVENTS", subjectPrefix: String = "", maximumBytes: Int = StreamDefinition.standardBytes
    ) {
        self.init(services: Services.all, name: name, subjectPrefix: subjectPrefix, maximumBytes: maximumBytes)
    }
}

extension Provisioner {
    /// For the stream as it is in operation.
    init(transport: NATSTransport) { self.init(transport: transport, definition: StreamDefinition()) }
}
