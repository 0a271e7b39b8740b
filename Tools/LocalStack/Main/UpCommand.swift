internal import ArgumentParser
internal import Foundation
internal import LocalStack

/// `localstack up`: the whole system.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Runs the whole system until Ctrl-C.")

    @OptionGroup var stack: StackArguments

    @Option(help: "Port of the first gateway; the others follow upward. Default: PORT, or 8000.")
    var port: UInt16?

    @Option(help: "Number of auth processes.")
    var auth = 1

    @Option(help: "Number of orders processes.")
    var orders = 1

    @Option(help: "Number of chat processes.")
    var chat = 1

    @Option(help: "Number of gateways.")
    var gateways = 1

    @Flag(help: "Make an example customer with three orders in different states.")
    var demo = false

    @Option(help: "Directory of the services' executables. Default: this program's own.")
    var buildDir: String?

    @Option(
        help:
            "The project's directory, with Deploy, .env.example and perhaps .env. Default: above this program, or the current one."
    )
    var project: String?

    func validate() throws {
        for (name, count) in [("auth", auth), ("orders", orders), ("chat", chat), ("gateways", gateways)]
        where !(1...100).contains(count) {
            throw ValidationError("--\(name) must be from 1 to 100.")
        }
    }

    func run() async throws {
        try await stack.run { stop, ready in
            let place = ProgramPlace(project: project, executables: buildDir)
            let caller = try CallerEnvironment.readingFiles(
                CallerEnvironment.merged(
                    process: ProcessInfo.processInfo.environment, file: try SettingsFile.read(place.project + "/.env"),
                    made: Secrets.made(in: stack.data)))
            let port = port ?? caller["PORT"].map { UInt16($0) ?? 0 } ?? 8000
            guard port > 0 else {
                throw StackError("PORT must be a number from 1 to 65535.")
            }
            var options = StackOptions(
                data: stack.data, port: port, executables: place.executables, deploy: place.project + "/Deploy",
                caller: caller, settings: try SettingNames.read(project: place.project))
            options.auth = auth
            options.orders = orders
            options.chat = chat
            options.gateways = gateways
            options.hasExample = demo || caller["DEMO"] == "true"
            try await ServiceStack(options).run(stop: stop, ready: ready)
        }
    }
}
