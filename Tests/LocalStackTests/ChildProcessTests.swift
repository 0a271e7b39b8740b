import Foundation
import Glibc
import TestKit
import Testing

@testable import LocalStack

@Suite("Processes of a stack", .bounded)
final class ChildProcessTests {
    private let log = NSTemporaryDirectory() + "child-\(UUID().uuidString).log"

    deinit { unlink(log) }

    private func plan(_ script: String, name: String = "child") -> ProcessPlan {
        ProcessPlan(
            name: name, executable: "/bin/sh", arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin", "A": "b c"],
            log: log)
    }

    @Test(
        "How a process ended is known",
        arguments: [("exit 0", ProcessExit.status(0)), ("exit 7", .status(7)), ("kill -9 $$", .signal(9))])
    func ends(script: String, exit: ProcessExit) async throws {
        #expect(await (try ChildProcess.start(plan(script))).exit() == exit)
    }

    @Test("Output goes to the log, and the environment is the plan's alone")
    func output() async throws {
        _ = await (try ChildProcess.start(plan("echo out; echo err >&2; env"))).exit()
        let text = LogFile(path: log).text(from: 0)
        #expect(text.hasPrefix("out\nerr\n"))
        #expect(text.contains("A=b c\n"))
        #expect(!text.contains("HOME="))
    }

    @Test("A missing executable is said by its path")
    func missing() async {
        let plan = ProcessPlan(name: "x", executable: "/nowhere/x", arguments: [], environment: [:], log: log)
        await #expect { _ = try await ChildProcess.start(plan) } throws: { "\($0)".contains("/nowhere/x") }
    }

    @Test("A process that ends is started again with another id, and no more once it is stopped")
    func restarts() async throws {
        let started = Recorder<Int32>()
        let process = SupervisedProcess(
            plan("exec sleep 60"), console: Console(quiet: true), started: { started.record($0) })
        async let running: Void = process.run()
        let first = try await started.wait(for: 1)[0]
        kill(first, SIGTERM)
        let second = try await started.wait(for: 2)[1]
        #expect(first != second)
        await process.stop()
        await running
        #expect(await process.pid == nil)
        #expect(kill(second, 0) != 0)
    }

    @Test("A process that ignores being asked is killed when its time is over")
    func stubborn() async throws {
        var stubborn = plan("trap '' TERM; echo ready; while :; do sleep 1; done")
        stubborn.stopping = [.init(signal: SIGTERM, limit: .milliseconds(50))]
        let process = SupervisedProcess(stubborn, console: Console(quiet: true), started: { _ in })
        async let running: Void = process.run()
        try await eventually("it runs") { LogFile(path: log).size > 0 }
        await process.stop()
        await running
        #expect(await process.pid == nil)
    }
}
