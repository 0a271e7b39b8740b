/// What the command line asks for.
package struct StackOptions: Sendable {
    /// The data directory; made when there is none.
    package var data: String
    /// Port of the first gateway; the others follow upward.
    package var port: UInt16
    /// How many of each; at least 1.
    package var auth = 1
    package var orders = 1
    package var chat = 1
    package var gateways = 1
    /// Whether there is to be an example customer.
    package var hasExample = false
    /// Where the services' executables are.
    package var executables: String
    /// Holds `postgres-init.sql` and `nats-server.conf`.
    package var deploy: String
    /// Environment of the caller, `.env` included.
    package var caller: [String: String]
    /// The settings that there are.
    package var settings: SettingNames

    package init(
        data: String, port: UInt16, executables: String, deploy: String, caller: [String: String],
        settings: SettingNames
    ) {
        self.data = data
        self.port = port
        self.executables = executables
        self.deploy = deploy
        self.caller = caller
        self.settings = settings
    }
}
