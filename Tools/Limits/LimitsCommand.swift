internal import ArgumentParser

/// `limits`: what this machine can do without the product, for `bin/bench` to compare with.
@main
struct LimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "What this machine does without the product: the bounds that the benchmark measures against.",
        subcommands: [HTTPLimit.self, BroadcastLimit.self, Argon2Limit.self])
}
