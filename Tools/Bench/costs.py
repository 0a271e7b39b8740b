"""What operations cost at a rate that leaves the machine time, and what a system costs that nobody uses."""

import time
from statistics import median

from chat import messages_in_pgbench, rooms
from database import BenchDatabase
from orders import PLACING
from people import place_order
from processor import Meter, wakeups_of
from report import Result
from tools import paced, paced_pgbench

# Operations a second: a busy day, far from the peak.
RATE = 200
# The programs that are ours.
OWN = ("gateway", "auth", "orders", "chat")


class Window:
    """Processor time of all servers in the measured time of a run of `load`."""

    def __init__(self, bench):
        self.bench, self.used = bench, None

    @property
    def marks(self):
        return {"begin": self._begin, "end": self._end}

    def _begin(self):
        self._meter = Meter(self.bench.stack.pids)

    def _end(self):
        self.used = self._meter.read()

    def each(self, operations):
        """Milliseconds for one operation, by kind of server."""
        return {kind: 1000 * seconds / operations for kind, seconds in self.used.items()}


def compare(bench, name, operation, limit, reach=3):
    """Rows of cost and of latency: the operation's, which returns (latency, milliseconds by kind of server), beside
    those of the same statements in pgbench."""
    rows = []

    def measure():
        latency, parts = operation()
        rows.append((latency, parts))
        return sum(parts.values())

    limits = []

    def bound():
        limits.append(limit(lambda: Meter(bench.stack.pids)))
        return limits[-1]["cost"]

    costs, bounds = bench.alternate(name, measure, bound)
    parts = {kind: round(median(each[kind] for _, each in rows), 3) for kind in rows[0][1]}
    bench.say(f"{name}: " + ", ".join(f"{kind} {value:.2f} ms" for kind, value in parts.items()))
    p50, p99 = [each["p50"] for each, _ in rows], [each["p99"] for each, _ in rows]
    return [
        Result(name, "ms CPU each", costs, bounds, reach, at_most=True, notes=parts),
        Result(f"{name} p50", "ms", p50, [each["p50"] for each in limits], 2, at_most=True),
        Result(f"{name} tail", "ms, p99 / p50", p99, p50, 5, at_most=True),
    ]


def message_at(bench, rate):
    """Messages at a rate: (latency of the deliveries, milliseconds of processor by kind of server)."""
    window = Window(bench)
    result = rooms(bench).send("--rate", rate, at=window.marks)
    return result["delivery"], window.each(result["acknowledged"])


def cost_message(bench):
    """A message in one of a hundred rooms, told to two sockets on two gateways."""
    return compare(
        bench,
        "cost-message",
        lambda: message_at(bench, RATE),
        lambda meter: paced_pgbench(*messages_in_pgbench(bench, 100), RATE, bench.seconds, meter),
    )


def cost_create(bench):
    """An order placed."""
    user, gateway, database = bench.people.users(1)[0], bench.gateways[0], bench.database
    variables = database.order_variables(place_order(gateway, user))

    def place():
        window = Window(bench)
        latency = paced(
            f"{gateway}/api/v1/orders", user.token, RATE, bench.seconds, *PLACING, connections=16, at=window.marks
        )
        return latency, window.each(latency["count"])

    def limit(meter):
        database.empty_outbox()
        return paced_pgbench(database.urls["orders"], "order.sql", variables, RATE, bench.seconds, meter)

    return compare(bench, "cost-create", place, limit)


def cost_read(bench):
    """An order read by its id."""
    user, gateway, database = bench.people.users(1)[0], bench.gateways[0], bench.database
    path = f"{gateway}/api/v1/orders/{place_order(gateway, user)['id']}"

    def read():
        window = Window(bench)
        latency = paced(path, user.token, RATE, bench.seconds, connections=16, at=window.marks)
        return latency, window.each(latency["count"])

    def limit(meter):
        return paced_pgbench(
            database.urls["orders"], "read.sql", {"id": BenchDatabase.ORDER}, RATE, bench.seconds, meter
        )

    return compare(bench, "cost-read", read, limit)


def idle(bench):
    """A whole system without clients: how often the busiest process of ours wakes, and what all together take."""
    bench.stack.wait_for_rest(bench.stack.pids)
    wakeups, shares = [], []
    for index in range(1, bench.rounds + 1):
        pids = bench.stack.pids
        own = {name: pid for name, pid in pids.items() if name.rsplit("-", 1)[0] in OWN}
        meter, begun = Meter(pids), time.monotonic()
        before = {name: wakeups_of(pid) for name, pid in own.items()}
        time.sleep(2 if bench.quick else 10)  # noqa: TID251 the time over which is counted
        took = time.monotonic() - begun
        counts = {name: (wakeups_of(pid) - before[name]) / took for name, pid in own.items()}
        used = {kind: 100 * seconds / took for kind, seconds in meter.read().items()}
        wakeups.append(max(counts.values()))
        shares.append(sum(used[kind] for kind in OWN))
        bench.say(
            f"idle: round {index} of {bench.rounds}: "
            + ", ".join(f"{name} {count:.0f}/s" for name, count in counts.items())
            + "; "
            + ", ".join(f"{kind} {share:.2f} %" for kind, share in used.items())
        )
    return [
        Result("idle wake-ups", "/s, a process", wakeups, [], 10, at_most=True, bare=True),
        Result("idle processor", "% of one", shares, [], 0.5, at_most=True, bare=True),
    ]
