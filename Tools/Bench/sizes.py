"""Whether reading stays as fast when a hundred times as much is stored."""

import base64
import time

from database import psql
from Harness.person import ok
from people import People
from report import Result
from stack import BenchStack
from tools import HERE, wrk

# Raised when the data are to be made otherwise: what is kept from before is then thrown away.
EDITION = 1


class Filled:
    """A system with data of a size, kept under .local/bench for the next run."""

    def __init__(self, bench, orders):
        self.orders = orders
        # Its database rests but for what is measured: after the start the services compare their facts no more.
        self.stack = BenchStack(bench.stack.data.parent / f"data-{orders}", gateways=1, RECONCILE_INTERVAL="1d")
        bench.stacks.append(self.stack)
        mark = self.stack.data / f"filled-{EDITION}"
        if not mark.exists():
            self.stack.remove()
        self.stack.begin()
        self.base = self.stack.gateways[0]
        self.admin = People(self.stack).admin
        self.url = self.stack.run["postgres"]["url"]
        if not mark.exists():
            bench.say(
                f"data-size: making {orders:,} orders and {5 * orders:,} messages, which are kept"
                f"{' (takes some minutes)' if orders > 200_000 else ''} …"
            )
            begun = time.monotonic()
            psql(
                self.url,
                file=HERE / "data" / "fill.sql",
                settings={
                    "orders": orders,
                    "owners": max(200, orders // 200),
                    "admin": self.admin.id,
                    "admin_name": self.admin.user["name"],
                },
            )
            mark.touch()
            bench.say(f"data-size: made in {time.monotonic() - begun:.0f} s")
        self.stack.wait_for_rest(["orders-1", "chat-1"])
        self.paths = self._paths()

    def _paths(self):
        """What is asked for, by the name of the row."""
        middle = psql(self.url, f"select id from orders.orders where number = {1000 + self.orders // 2}").strip()
        cursor = base64.urlsafe_b64encode(middle.encode()).rstrip(b"=").decode()
        talk = psql(self.url, "select order_id from chat.rooms where last_seq = 300").strip()
        return {
            "first page": "/api/v1/orders?limit=20",
            "deep page": f"/api/v1/orders?limit=20&cursor={cursor}",
            "search": "/api/v1/orders?limit=20&q=zirconium",
            "search, common": "/api/v1/orders?limit=20&q=steel",
            "rooms": "/api/v1/chat/rooms?limit=20",
            "messages": f"/api/v1/chat/rooms/{talk}/messages?limit=50&before=200",
        }


def data_size(bench):
    """The median time of each way of reading, against the same with little data."""
    small, large = Filled(bench, 10_000), Filled(bench, 100_000 if bench.quick else 1_000_000)
    times = {name: ([], []) for name in small.paths}
    for filled in (large, small):
        for path in filled.paths.values():
            # The first answer shows that there is one; it also brings what is read into memory.
            ok(filled.admin.get(path, prefix=""))
    for index in range(bench.rounds):
        for name, lists in times.items():
            for filled, found in zip((large, small), lists):
                # One request after the other, so that none waits for another.
                found.append(
                    wrk(
                        filled.base,
                        "get-each.lua",
                        [filled.admin.token, filled.paths[name]],
                        1,
                        connections=1,
                        threads=1,
                        warm_up=0,
                    )["p50"]
                )
        bench.say(
            f"data-size: round {index + 1} of {bench.rounds}: "
            + ", ".join(f"{name} {lists[0][-1] / lists[1][-1]:.2f}" for name, lists in times.items())
        )
    return [
        Result(f"data-size {name}", "ms, p50", measured, limits, 1.5, at_most=True)
        for name, (measured, limits) in times.items()
    ]
