internal import ArgumentParser

/// `load`: the load generator of `bin/bench`.
@main
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Makes load for a running Orderline and prints what came of it as one line of JSON.",
        subcommands: [HTTPCommand.self, ChatCommand.self, FanOutCommand.self, IdleCommand.self])
}
