/// Runs the processes of a stack and stops them in the reverse order of their stages.
package actor Supervision {
    private var stages: [[SupervisedProcess]] = []
    private let launches: AsyncStream<SupervisedProcess>
    private let launcher: AsyncStream<SupervisedProcess>.Continuation

    package init() {
        // Bounded by the number of processes asked for on the command line.
        (launches, launcher) = AsyncStream.makeStream(of: SupervisedProcess.self, bufferingPolicy: .unbounded)
    }

    /// Runs every launched process; returns when `stop()` has stopped them all.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await process in launches {
                group.addTask { await process.run() }
            }
        }
    }

    /// Starts processes that depend on every earlier stage, but not on each other.
    package func launch(_ stage: [SupervisedProcess]) {
        stages.append(stage)
        for process in stage { launcher.yield(process) }
    }

    /// Stops the stages, the last one first; within a stage all at once.
    package func stop() async {
        for stage in stages.reversed() {
            await withDiscardingTaskGroup { group in
                for process in stage {
                    group.addTask { await process.stop() }
                }
            }
        }
        launcher.finish()
    }

    /// Makes a stop under way wait for nothing more.
    package func hurry() async {
        for process in stages.joined() { await process.hurry() }
    }
}
