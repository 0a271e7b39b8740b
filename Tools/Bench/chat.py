"""Messages in rooms: committed, acknowledged and told to everybody."""

from database import psql
from people import place_order
from report import Result
from tools import ToolFailure, limit_server, load, pgbench

CONTENT = "12345678901234 the brackets of the second delivery fit well, please send forty more of the same"


def line(base, person, room, role="sender", door="plain"):
    """A socket as `load` wants it."""
    return f"{base} {door} {person.token if person else '-'} {room or '-'} {role}"


def told(*arguments, sockets, at=None):
    """The result of a run of `load`; whatever was lost, refused or out of order makes it worthless."""
    result = load(*arguments, text="\n".join(sockets) + "\n\n", at=at)
    wrong = {name: result[name] for name in ("disordered", "missing", "failures", "ended") if result[name]}
    if wrong:
        raise ToolFailure(f"load {arguments[0]}: {wrong} {result['failure']}")
    return result


class Rooms:
    """A hundred rooms of ten people, each with its owner's socket on one gateway and the Admin's on the other."""

    def __init__(self, bench, count=100):
        self.bench = bench
        first, second = bench.gateways
        owners = bench.people.users(10)
        self.ids = [place_order(first, owners[index % 10])["id"] for index in range(count)]
        admin = bench.people.admin
        # What orders have left to be told would be measured too.
        bench.stack.wait_for_rest(bench.stack.pids)
        self.seats = []
        for index, room in enumerate(self.ids):
            self.seats += [(first, owners[index % 10], room), (second, admin, room)]

    def send(self, *more, door="plain", at=None):
        bench = self.bench
        sockets = [line(*seat, door=door) for seat in self.seats]
        return told("chat", "--seconds", bench.seconds, "--warm-up", bench.warm_up / 2, *more, sockets=sockets, at=at)


def rooms(bench):
    if not hasattr(bench, "rooms"):
        bench.rooms = Rooms(bench)
    return bench.rooms


def messages_in_pgbench(bench, count, script="message.sql"):
    """What pgbench needs to store messages in `count` rooms: address, script, variables."""
    database = bench.database
    # A room's numbers begin anew: what grows is thrown away as one.
    psql(
        database.superuser,
        "truncate chat.messages; truncate chat.read_positions; update chat.rooms set last_seq = 0; vacuum chat.rooms;",
    )
    return database.urls["chat"], script, {"rooms": count, "content": CONTENT}


def in_pgbench(bench, count):
    """Messages a second of 64 clients over `count` rooms, each by one statement that does all of it."""
    return pgbench(*messages_in_pgbench(bench, count, "message-one.sql"), bench.seconds, warm_up=bench.limit_warm_up)


def chat_messages(bench):
    """A hundred rooms, two hundred sockets on two gateways, against one statement for each message."""
    everybody = rooms(bench)
    measured, limits = bench.alternate(
        "chat-messages", lambda: everybody.send()["perSecond"], lambda: in_pgbench(bench, 100)
    )
    bench.peaks["message"] = sorted(measured)[len(measured) // 2]
    return Result("chat-messages", "messages/s", measured, limits, 1.5)


def chat_one_room(bench):
    """One room and sixty-four senders, each of whom hears every message in order, against one contended row."""
    first, second = bench.gateways
    owner, admin = bench.people.users(1)[0], bench.people.admin
    room = place_order(first, owner)["id"]
    sockets = [line(first, owner, room), line(second, admin, room)] * 32

    def measure():
        return told("chat", "--seconds", bench.seconds, "--warm-up", bench.warm_up / 2, sockets=sockets)["perSecond"]

    measured, limits = bench.alternate("chat-one-room", measure, lambda: in_pgbench(bench, 1))
    return Result("chat-one-room", "messages/s", measured, limits, 4.5)


def chat_polling(bench):
    """The hundred rooms with clients of Socket.IO that poll, against the same clients over WebSocket."""
    everybody = rooms(bench)
    measured, limits = bench.alternate(
        "chat-polling",
        lambda: everybody.send(door="polling")["perSecond"],
        lambda: everybody.send(door="socketio")["perSecond"],
    )
    return Result("chat-polling", "messages/s", measured, limits, 0.40)


def fan_out(bench):
    """One room with a thousand readers, against a bare server that writes the same bytes to as many sockets."""
    gateway, owner = bench.gateways[0], bench.people.users(1)[0]
    readers = 1000

    def run(sockets):
        return told("fanout", "--seconds", bench.seconds, "--warm-up", bench.warm_up / 2, sockets=sockets)[
            "deliveriesPerSecond"
        ]

    def measure():
        room = place_order(gateway, owner)["id"]
        return run([line(gateway, owner, room)] + [line(gateway, owner, room, "reader")] * (readers - 1))

    def limit():
        with limit_server("broadcast") as (address, _):
            return run(
                [line(address, None, None, door="bare")]
                + [line(address, None, None, "reader", door="bare")] * (readers - 1)
            )

    measured, limits = bench.alternate("fan-out", measure, limit)
    return Result("fan-out", "deliveries/s", measured, limits, 0.80)


def chat_replicas(bench):
    """Two chat processes against one, in the same system: the second comes and goes."""
    everybody = rooms(bench)

    def two():
        bench.stack.add_replica("chat")
        try:
            return everybody.send()["perSecond"]
        finally:
            bench.stack.remove_replicas()

    measured, limits = bench.alternate("chat-replicas", two, lambda: everybody.send()["perSecond"])
    return Result("chat-replicas", "messages/s", measured, limits, 0.95)


def tail_delivery(bench):
    """The slowest hundredth of deliveries at half of the peak rate, against the median."""
    if "message" not in bench.peaks:
        chat_messages(bench)
    rate = max(1, int(bench.peaks["message"] / 2))
    slow, middle = [], []
    for index in range(1, bench.rounds + 1):
        result = rooms(bench).send("--rate", rate)
        slow.append(result["delivery"]["p99"])
        middle.append(result["delivery"]["p50"])
        bench.say(
            f"tail-delivery: round {index} of {bench.rounds}: p99 {slow[-1]:.2f} ms, p50 {middle[-1]:.2f} ms"
            f" at {rate}/s"
        )
    return Result("tail-delivery", "ms, p99 / p50", slow, middle, 5, at_most=True)
