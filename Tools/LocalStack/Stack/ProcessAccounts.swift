internal import Foundation
internal import Glibc

/// Whom the stack's own programs and NATS run as when root starts it: each as a user of its own that no account of the
/// machine has, so that none may do more than another user, or read another's secrets.
struct ProcessAccounts: Sendable {
    /// What a program needs to be able to read.
    struct Need: Sendable {
        /// The program's name among those of the stack.
        let name: String
        let executable: String
        var files: [String] = []
        /// A directory that it must be able to pass through.
        var directory = "/"
        /// The group it runs in, where it needs one.
        var group: UInt32?
    }

    private let users: [String: SystemUser]

    /// `nil` is whoever runs the stack.
    func user(for name: String) -> SystemUser? { users[name] }

    /// Chooses them; says which programs stay root because another user could not run them or read what they need, as
    /// in a home directory that is closed to others.
    static func choose(_ needs: [Need], data: DataDirectory, console: Console) async -> ProcessAccounts {
        guard SystemUser.callerIsRoot else { return ProcessAccounts(users: [:]) }
        let users = await withTaskGroup(of: (String, SystemUser?).self) { group in
            var taken: Set<UInt32> = []
            for need in needs {
                let user = SystemUser.unused(for: "\(data.path) \(need.name)", group: need.group, but: taken)
                taken.insert(user.uid)
                group.addTask { (need.name, await user.reaches(need) ? user : nil) }
            }
            return await group.reduce(into: [:]) { users, found in users[found.0] = found.1 }
        }
        let others = needs.map(\.name).filter { users[$0] == nil }
        if !others.isEmpty {
            console.line(
                "  As root, since another user cannot reach the program or its files: \(others.joined(separator: ", "))"
            )
        }
        return ProcessAccounts(users: users)
    }
}

extension SystemUser {
    /// Users for services that have no account (https://systemd.io/UIDS-GIDS/, "dynamic service users").
    private static let dynamic: ClosedRange<UInt32> = 61_184...65_519

    /// One that no account and no group has, nor any of those taken; always the same for a name.
    fileprivate static func unused(for name: String, group: UInt32?, but taken: Set<UInt32>) -> SystemUser {
        var number = dynamic.lowerBound + UInt32(truncatingIfNeeded: name.spread % UInt64(dynamic.count))
        while taken.contains(number) || getpwuid(number) != nil || getgrgid(number) != nil {
            number = number == dynamic.upperBound ? dynamic.lowerBound : number + 1
        }
        return SystemUser(name: String(number), uid: number, gid: group ?? number)
    }

    /// Whether it can run the program, with the libraries that it loads, and read its files.
    fileprivate func reaches(_ need: ProcessAccounts.Need) async -> Bool {
        let looks = ["-x", need.directory + "/."] + need.files.flatMap { ["-a", "-r", $0] }
        for plan in [plan(need.executable, ["--help"]), plan("/usr/bin/test", looks)] {
            guard (try? await Command(plan).run(within: .seconds(5))) != nil else { return false }
        }
        return true
    }

    private func plan(_ executable: String, _ arguments: [String]) -> ProcessPlan {
        var plan = ProcessPlan(
            name: "test", executable: executable, arguments: arguments, environment: [:], log: "/dev/null")
        plan.user = self
        return plan
    }
}
