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

    # Three times as many rounds as elsewhere: what is looked for is smaller than what the machine does to one.
    def reads(gateway):
        return wrk(gateway, "get-each.lua", [user.token, path], bench.seconds, warm_up=bench.warm_up)["perSecond"]

    measured, limit = bench.alternate("limits-reads", lambda: reads(counting), lambda: reads(free), bench.rounds * 3)
    return Result("limits-reads", "reads/s", measured, limit, 0.97)


def _messages(bench, counting, free):
    seats = rooms(bench).seats

    def messages(gateway):
        sockets = [line(gateway, person, room) for _, person, room in seats]
        result = told("chat", "--seconds", bench.seconds, "--warm-up", bench.warm_up / 2, sockets=sockets)
        return result["perSecond"]

    measured, limit = bench.alternate(
        "limits-messages", lambda: messages(counting), lambda: messages(free), bench.rounds * 3
    )
    return Result("limits-messages", "messages/s", measured, limit, 0.97)
