"""What an open socket that does nothing costs in memory."""

import time

from chat import line
from people import place_order
from report import Result
from tools import idle_sockets, limit_server, resident_kib


def growth(pid, sockets):
    """KiB of memory that a server takes for each of these sockets."""
    time.sleep(0.5)  # noqa: TID251 what was needed for its start alone has time to go
    before = resident_kib(pid)
    with idle_sockets(sockets):
        time.sleep(1 if len(sockets) < 5000 else 2)  # noqa: TID251 and so has what opening needed
        return (resident_kib(pid) - before) / len(sockets)


def weigh(bench, door, count, rooms):
    """On a gateway of its own, which has not served anybody before."""
    owner = bench.people.users(1)[0]
    _, pid, address = bench.stack.add_replica("gateway")
    try:
        return growth(
            pid,
            [
                line(address, owner, rooms[index // 2 % len(rooms)] if index % 2 else None, "reader", door)
                for index in range(count)
            ],
        )
    finally:
        bench.stack.remove_replicas()


def idle_sockets_weight(bench):
    """Ten thousand sockets on one gateway, half of them in a room; beside them as many of a bare server's."""
    count = 2000 if bench.quick else 10_000
    rooms = [place_order(bench.gateways[0], bench.people.users(1)[0])["id"] for _ in range(100)]
    with limit_server("broadcast") as (address, pid):
        bare = growth(pid, [line(address, None, None, "reader", "bare")] * count)
    results = []
    for name, door, reach in (("idle-sockets /ws", "plain", 8), ("idle-sockets Socket.IO", "socketio", 10)):
        weight = weigh(bench, door, count, rooms)
        bench.say(f"{name}: {weight:.2f} KiB each, {count:,} sockets; a bare server {bare:.2f}")
        results.append(Result(name, "KiB each", [weight], [bare], reach, at_most=True, bare=True))
    return results


def idle_polling_weight(bench):
    """A thousand sessions of long-polling that wait, each on the one connection that it began on."""
    count = 1000
    weight = weigh(bench, "polling", count, [None])
    bench.say(f"idle-polling: {weight:.2f} KiB each, {count:,} sessions")
    return Result("idle-polling", "KiB each", [weight], [], 24, at_most=True, bare=True)
