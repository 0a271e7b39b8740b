"""How soon a process, and the whole system, is ready."""

from report import Result


def starts(bench):
    """One more of each service beside a running system, and the whole system with its data there."""
    results = []
    for service in ("auth", "orders", "chat", "gateway"):
        seconds = []
        for _ in range(bench.rounds):
            seconds.append(bench.stack.add_replica(service)[0])
            bench.stack.remove_replicas()
        results.append(Result(f"start {service}", "s", seconds, [], 0.3, at_most=True, bare=True))
    everything = []
    for _ in range(bench.rounds):
        bench.stack.end()
        everything.append(bench.stack.begin())
    results.append(Result("start everything", "s", everything, [], 3, at_most=True, bare=True))
    bench.say("start: " + ", ".join(f"{each.name[6:]} {min(each.measured):.2f} s" for each in results))
    return results
