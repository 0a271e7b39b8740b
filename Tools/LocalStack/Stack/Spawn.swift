internal import Glibc

/// Starts the plan's process from the calling thread and returns its id.
///
/// - Throws: `StackError` with the system's reason.
func spawn(_ plan: ProcessPlan) throws -> Int32 {
    // `env` and `setpriv` become the program in turn: the process id stays the same.
    var command = ["/usr/bin/env", "-C", plan.workingDirectory, "/usr/bin/setpriv", "--pdeathsig", plan.deathSignal]
    if let user = plan.user {
        command += ["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups"]
        if !plan.capabilities.isEmpty {
            let added = plan.capabilities.map { "+" + $0 }.joined(separator: ",")
            command += ["--inh-caps", added, "--ambient-caps", added]
        }
    }
    command += ["--", plan.executable] + plan.arguments
    // A session of its own: Linux shares out processors by sessions (sched(7), "The autogroup feature"), and each of
    // PostgreSQL's processes begins one. All others together would get as much as one of those.
    var environment = plan.environment
    // Another user's home is not the caller's, and is looked into by libraries (libpq: ~/.postgresql).
    if plan.user != nil { for name in ["HOME", "USER", "LOGNAME"] { environment[name] = nil } }
    return try spawn(command, environment: environment, output: plan.log, passing: nil, newSession: true)
}

/// Starts a command without input and with its output appended to a file.
///
/// - Parameters:
///   - passing: a descriptor of this process that the child finds as number 3.
///   - newSession: detaches from the terminal; otherwise only a process group of its own is made.
func spawn(
    _ command: [String], environment: [String: String], output: String, passing: Int32?, newSession: Bool
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    if let passing { posix_spawn_file_actions_adddup2(&actions, passing, 3) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process ignores or blocks, to receive signals in its own way, must not be inherited.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] where !(newSession && signal == SIGHUP) {
        sigaddset(&defaults, signal)
    }
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &mask)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    // 0x80 is POSIX_SPAWN_SETSID, which the C library shows to GNU programs only.
    flags |= newSession ? 0x80 : Int32(POSIX_SPAWN_SETPGROUP)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer {
        for pointer in arguments + variables { free(pointer) }
    }
    var pid: pid_t = 0
    let result = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
    guard result == 0 else {
        throw StackError("\(command[0]) cannot be started: \(String(cString: strerror(result))).")
    }
    return pid
}
