/// Starts the services of a stack once PostgreSQL and NATS serve.
struct ServiceLaunch {
    /// One process to be.
    struct Item {
        let kind: ServiceKind
        let process: SupervisedProcess
        let operatorPort: UInt16
        var name: String { process.plan.name }
    }

    let options: StackOptions
    let data: DataDirectory
    let environment: ServiceEnvironment
    let run: StackRun
    private let accounts: ProcessAccounts

    init(options: StackOptions, data: DataDirectory, environment: ServiceEnvironment, run: StackRun) async {
        self.options = options
        self.data = data
        self.environment = environment
        self.run = run
        let needs = ServiceKind.allCases.map { kind in
            ProcessAccounts.Need(
                name: kind.rawValue, executable: "\(options.executables)/\(kind.executable)",
                files: Self.files(in: environment.variables(for: kind, operatorPort: 0)))
        }
        accounts = await ProcessAccounts.choose(needs, data: data, console: run.console)
    }

    /// Those that a program's settings name, its database's address among them.
    private static func files(in variables: [String: String]) -> [String] {
        let names = variables.keys.filter { ["TLS_CERT", "TLS_KEY"].contains($0) || $0.hasSuffix("_FILE") }
        let addressed = variables.filter { $0.key.hasSuffix("DATABASE_URL") }.values.flatMap { address in
            address.split { "?& ".contains($0) }.compactMap { part in
                let pair = part.split(separator: "=", maxSplits: 1)
                return pair.count == 2 && ["sslrootcert", "sslcert", "sslkey"].contains(pair[0])
                    ? String(pair[1]) : nil
            }
        }
        return (names.compactMap { variables[$0] } + addressed).filter { !$0.isEmpty && $0 != "system" }.sorted()
    }

    /// The processes, with the ports that they keep when they are started again.
    ///
    /// - Throws: `StackError` when there are too few free ports.
    func processes(avoiding taken: Set<UInt16>) throws -> [Item] {
        let counts: [(kind: ServiceKind, count: Int)] = [
            (.provision, 1), (.auth, options.auth), (.orders, options.orders), (.chat, options.chat),
            (.gateway, options.gateways),
        ]
        let total = counts.reduce(0) { $0 + $1.count }
        let gatewayPorts = (0..<options.gateways).map { options.port + UInt16($0) }
        var free = try FreePorts.choose(total, avoiding: taken.union(gatewayPorts))
        return counts.flatMap { kind, count in
            (0..<count).map { index in item(kind, index, operatorPort: free.removeLast()) }
        }
    }

    /// Brings the schemas up to date as their owner, which the services are not.
    ///
    /// - Throws: `StackError` with the end of the log of the one that failed, or `Stopped`.
    func migrate() async throws {
        let begun = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for kind in ServiceKind.allCases {
                guard let variables = environment.migrationVariables(for: kind) else { continue }
                let name = "\(kind.rawValue)-migrate"
                LogFile(path: data.log(of: name)).rotateIfLarge()
                var plan = ProcessPlan(
                    name: name, executable: "\(options.executables)/\(kind.executable)", arguments: ["migrate"],
                    environment: variables, log: data.log(of: name))
                place(&plan, kind)
                group.addTask { [plan] in try await Command(plan).run(stop: run.stop) }
            }
            try await group.waitForAll()
        }
        run.console.step("Migrations", since: begun)
    }

    /// Notes in `run.json` what does not change while the stack runs.
    func record(_ items: [Item]) async {
        let facts = items.map { ($0.name, $0.process.plan.log, $0.operatorPort) }
        let gateways = (0..<options.gateways).map { options.gatewayURL($0) }
        await run.record.change { file in
            file.gateways = gateways
            for (name, log, port) in facts {
                file.logs[name] = log
                file.ops[name] = "http://127.0.0.1:\(port)"
            }
        }
    }

    /// Starts everything at once and waits until all of it is ready.
    ///
    /// - Throws: `StackError` naming the first process that did not become ready, or `Stopped`.
    func start(_ items: [Item]) async throws {
        // Stages are stopped in reverse: gateways take no more requests before those who answer them go.
        await run.supervision.launch(items.filter { $0.kind == .provision }.map(\.process))
        await run.supervision.launch(items.filter { $0.kind != .provision && $0.kind != .gateway }.map(\.process))
        await run.supervision.launch(items.filter { $0.kind == .gateway }.map(\.process))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for item in items {
                group.addTask { try await wait(for: item) }
            }
            try await group.waitForAll()
        }
    }

    private func wait(for item: Item) async throws {
        let begun = ContinuousClock.now
        let readiness = Readiness(process: item.process, stop: run.stop)
        try await readiness.wait(probing: HealthProbe(port: item.operatorPort, path: "/health/ready"))
        run.console.step(item.name, since: begun)
    }

    private func item(_ kind: ServiceKind, _ index: Int, operatorPort: UInt16) -> Item {
        let name = "\(kind.rawValue)-\(index + 1)"
        LogFile(path: data.log(of: name)).rotateIfLarge()
        let port = kind == .gateway ? options.port + UInt16(index) : nil
        var plan = ProcessPlan(
            name: name, executable: "\(options.executables)/\(kind.executable)",
            arguments: kind == .provision ? ["--watch"] : ["serve"],
            environment: environment.variables(for: kind, operatorPort: operatorPort, port: port),
            log: data.log(of: name))
        place(&plan, kind)
        // A port below 1024, where root has said so.
        if let port, port < 1024 { plan.capabilities = ["net_bind_service"] }
        if kind == .provision { plan.stopping = ProcessPlan.toolStop }
        let process = SupervisedProcess(
            plan, console: run.console,
            started: { [record = run.record] pid in await record.change { $0.pids[name] = pid } })
        return Item(kind: kind, process: process, operatorPort: operatorPort)
    }

    /// Not in the caller's directory, where a `.env` would give every service every secret.
    private func place(_ plan: inout ProcessPlan, _ kind: ServiceKind) {
        plan.user = accounts.user(for: kind.rawValue)
        // The data are closed to the users that services run as.
        if plan.user == nil { plan.workingDirectory = data.path }
    }
}
