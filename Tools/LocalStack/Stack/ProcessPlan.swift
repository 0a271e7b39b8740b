internal import Glibc

/// Everything that is needed to start one process of the stack, again and again.
package struct ProcessPlan: Sendable {
    /// One step of stopping: a signal, and how long the process has to leave after it.
    package struct StopStep: Sendable {
        package let signal: Int32
        package let limit: Duration
    }

    /// What it is called in messages, in `run.json` and as its log's file name: `chat-2`.
    package let name: String
    /// Absolute path of the executable.
    package let executable: String
    package let arguments: [String]
    /// The whole environment; nothing else is inherited.
    package let environment: [String: String]
    /// Absolute path of the file that standard output and standard error are appended to.
    package let log: String
    /// Whom it runs as; `nil` is whoever runs the stack.
    package var user: SystemUser?
    /// What the user may do of what else only root may, as `setpriv` names it; nothing counts without a user.
    package var capabilities: [String] = []
    /// A directory that the process's user can surely enter.
    package var workingDirectory = "/"
    /// Tried in order; SIGKILL follows the last.
    package var stopping = ProcessPlan.serviceStop
    /// What the kernel sends it should the stack itself be killed, as `setpriv` spells it.
    package var deathSignal = "KILL"

    /// Services have 30 s to finish what they took, and 5 s to spare.
    package static let serviceStop = [StopStep(signal: SIGTERM, limit: .seconds(35))]
    package static let toolStop = [StopStep(signal: SIGTERM, limit: .seconds(10))]
    /// PostgreSQL's fast mode: sessions are ended, then a checkpoint; then its immediate mode, which recovers at the
    /// next start.
    package static let postgresStop = [
        StopStep(signal: SIGINT, limit: .seconds(30)), StopStep(signal: SIGQUIT, limit: .seconds(5)),
    ]
}
