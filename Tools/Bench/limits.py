"""What it costs that clients are limited: a gateway that counts, beside one that does not."""

from chat import line, rooms, told
from people import place_order
from report import Result
from tools import wrk

# So wide that nobody is refused: what is measured is the counting.
WIDE = "1000000000/1s"
COUNTING = {
    "RATE_LIMIT_ENABLED": "true",
    "RATE_LIMIT_CONNECTIONS": "100000",
    **{f"RATE_LIMIT_{name}": WIDE for name in ("ANONYMOUS", "SIGN_IN", "READ", "WRITE", "SOCKET_EVENTS")},
}


# What is looked for is smaller than what the machine does to one round: many short ones, each side first in its turn.
READS, MESSAGES = 60, 30


def limits(bench):
    """Orders read and messages sent a second through a gateway with limits, against one without."""
    try:
        counting = bench.stack.add_replica("gateway", COUNTING)[2]
        free = bench.stack.add_replica("gateway")[2]
        return [_reads(bench, counting, free), _messages(bench, counting, free)]
    finally:
        bench.stack.remove_replicas()


def _reads(bench, counting, free):
    user = bench.people.users(1)[0]
    path = f"/api/v1/orders/{place_order(bench.gateways[0], user)['id']}"

    def reads(gateway):
        return wrk(gateway, "get-each.lua", [user.token, path], 1, warm_up=0)["perSecond"]

    for gateway in (counting, free):
        wrk(gateway, "get-each.lua", [user.token, path], bench.warm_up or 1, warm_up=0)
    rounds = 1 if bench.quick else READS
    measured, limit = bench.alternate("limits-reads", lambda: reads(counting), lambda: reads(free), rounds, True)
    return Result("limits-reads", "reads/s", measured, limit, 0.97, paired=True)


def _messages(bench, counting, free):
    seats = rooms(bench).seats

    def messages(gateway):
        sockets = [line(gateway, person, room) for _, person, room in seats]
        return told("chat", "--seconds", 1, "--warm-up", 0.3, sockets=sockets)["perSecond"]

    rounds = 1 if bench.quick else MESSAGES
    measured, limit = bench.alternate(
        "limits-messages", lambda: messages(counting), lambda: messages(free), rounds, True
    )
    return Result("limits-messages", "messages/s", measured, limit, 0.97, paired=True)
