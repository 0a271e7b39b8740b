internal import Glibc
import Logs

/// What every program does around its work.
package enum ServiceProcess {
    /// Runs `work` to its end. An error is the process's last word on standard error, and its status is then 1.
    ///
    /// Nothing here waits longer than `LineWriter.endLimit` for whoever reads standard error.
    package static func run(_ work: () async throws -> Void) async {
        Descriptor.ignoreBrokenPipes()
        do {
            try await work()
        } catch {
            LineWriter.standard.write("Error: \(error)\n")
            exit(EXIT_FAILURE)
        }
    }
}
