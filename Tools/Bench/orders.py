"""Placing and reading orders through the gateway."""

import json
import secrets

from Harness.person import ok
from people import ORDER, place_order
from report import Result
from tools import limit_server, paced, pgbench, wrk

# What belongs to a connection and not to an answer; a server makes it by itself.
OWN_FIELDS = {"content-length", "date", "connection", "transfer-encoding", "keep-alive"}
# How `load http` places orders, each under a key of its own.
PLACING = ("--method", "POST", "--body", json.dumps(ORDER), "--key-header", "Idempotency-Key")


def orders_create(bench):
    """Orders placed a second, against one statement for each order that does all of it."""
    users = bench.people.users(16)
    gateway, database = bench.gateways[0], bench.database
    variables = database.order_variables(place_order(gateway, users[0]))

    def measure():
        # A new word for each run of wrk: a key that was used would be answered from store.
        def arguments(part):
            return [secrets.token_hex(4) + part, json.dumps(ORDER), *[user.token for user in users]]

        return wrk(gateway, "post-orders.lua", arguments, bench.seconds, warm_up=bench.warm_up)["perSecond"]

    def limit():
        database.empty_outbox()
        return pgbench(database.urls["orders"], "order-one.sql", variables, bench.seconds, warm_up=bench.limit_warm_up)

    measured, limits = bench.alternate("orders-create", measure, limit)
    bench.peaks["create"] = sorted(measured)[len(measured) // 2]
    return Result("orders-create", "orders/s", measured, limits, 0.75)


def orders_read(bench):
    """Orders read a second by id, against a bare route that answers the same bytes."""
    user, gateway = bench.people.users(1)[0], bench.gateways[0]
    paths = [f"/api/v1/orders/{place_order(gateway, user)['id']}" for _ in range(20)]
    answer = user.get(paths[0], prefix="")
    body = json.dumps(ok(answer), separators=(",", ":"), ensure_ascii=False)
    headers = [f"--header={name}: {value}" for name, value in answer.headers.items() if name.lower() not in OWN_FIELDS]

    def measure():
        return wrk(gateway, "get-each.lua", [user.token, *paths], bench.seconds, warm_up=bench.warm_up)["perSecond"]

    def limit():
        with limit_server("http", "--body", body, *headers) as (address, _):
            return wrk(address, "get-each.lua", [user.token, *paths], bench.seconds, warm_up=bench.limit_warm_up)[
                "perSecond"
            ]

    measured, limits = bench.alternate("orders-read", measure, limit)
    return Result("orders-read", "reads/s", measured, limits, 0.40)


def tail_create(bench):
    """The slowest hundredth of creations at half of the peak rate, against the median."""
    if "create" not in bench.peaks:
        orders_create(bench)
    user, gateway = bench.people.users(1)[0], bench.gateways[0]
    rate = bench.peaks["create"] / 2
    slow, middle = [], []
    for index in range(1, bench.rounds + 1):
        latency = paced(
            f"{gateway}/api/v1/orders",
            user.token,
            rate,
            bench.seconds,
            *PLACING,
        )
        slow.append(latency["p99"])
        middle.append(latency["p50"])
        bench.say(
            f"tail-create: round {index} of {bench.rounds}: p99 {slow[-1]:.2f} ms, p50 {middle[-1]:.2f} ms"
            f" at {rate:.0f}/s"
        )
    return Result("tail-create", "ms, p99 / p50", slow, middle, 5, at_most=True)
