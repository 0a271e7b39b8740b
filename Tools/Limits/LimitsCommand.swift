internal import ArgumentParser

@main
struct LimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "What this machine does without the product: the bounds that the benchmark measures against.",
        subcommands: [HTTPLimit.self, BroadcastLimit.self, Argon2Limit.self])
}
