"""NATS loses its disk: what its stream took with it is made good, and counts once."""

import asyncio
import os
import shutil
import signal
import time

import pytest

from Harness.person import Person, ok
from Harness.processes import is_alive
from Harness.settings import seconds
from Harness.shapes import assert_problem
from Harness.sockets import DOORS, Sockets, run_async
from Harness.waiting import until, until_async
from small import small_system

# Comparing goes on every second here, and leaves alone what is younger than 5 s.
MENDED_SECONDS = 20
ORDERS = 5


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(tmp_path_factory.mktemp("lost") / "data", RECONCILE_INTERVAL="1s") as running:
        yield running


def lose_stream(stack, *dying):
    """NATS comes back without what it had stored; `dying` take with them what it had handed to them already."""
    before = stack.pids
    os.kill(before["nats"], signal.SIGSTOP)
    shutil.rmtree(stack.data / "nats" / "jetstream")
    for name in ("nats", *dying):
        os.kill(before[name], signal.SIGKILL)
    for name in ("nats", *dying):
        until(lambda name=name: stack.pids.get(name) not in (None, before[name]), 30)


def until_stream(stack):
    """Waits until provision has made the stream and its consumers again."""
    until(lambda: stack.is_ready("nats") and len(stack.consumers()) == 4, 30)


def assert_followed(stack, user, admin, closed, opened):
    """Everybody's rooms and orders agree, once; `closed` and `opened` are ids of orders."""

    def listed():
        return {room["orderId"] for room in ok(user.get("/chat/rooms", params={"limit": 100}))["items"]}

    # A list shows rooms and makes none.
    until(lambda: listed() == {*closed, *opened}, MENDED_SECONDS)
    for order in closed:
        user.until_status(order, "Processing", timeout=MENDED_SECONDS)
    for order in closed:
        # Whatever would move it twice has had its time: the event that counts second changes nothing.
        assert [each["type"] for each in user.history(order)["items"]] == ["created", "status-changed"]
        assert not user.room(order)["isOpen"]
        assert admin.complete(order).status_code == 200
    for order in opened:
        assert [each["type"] for each in user.history(order)["items"]] == ["created"]
        user.say(order)
        admin.close(order)
        user.until_status(order, "Processing", timeout=MENDED_SECONDS)
    until(lambda: not any(stack.collect().leftovers.values()), MENDED_SECONDS)
    found = stack.collect()
    rooms = [room["order"] for room in found.rooms]
    assert sorted(rooms) == sorted(order["id"] for order in found.orders)
    for order in (*closed, *opened):
        moves = [each["to"] for each in found.audit if each["order"] == order and each["kind"] == "status-changed"]
        assert moves == (["Processing", "Completed"] if order in closed else ["Processing"]), order


def test_orders_whose_events_were_lost_have_their_rooms(stack, user, admin):
    stack.until_ready()
    with stack.still("chat-1"):
        orders = [user.create_order()["id"] for _ in range(ORDERS)]
        # The stream has acknowledged them; nobody has taken them.
        until(lambda: stack.outbox("orders") == 0, 10)
        assert not {room["order"] for room in stack.collect().rooms} & {*orders}
        lose_stream(stack, "chat-1")
    stack.until_ready()
    assert_followed(stack, user, admin, [], orders)
    assert "rooms made by reconciliation" in stack.log("chat-1"), "no event was lost"


def test_orders_whose_rooms_were_closed_move_though_the_events_were_lost(stack, user, admin):
    stack.until_ready()
    orders = [user.create_order()["id"] for _ in range(2 * ORDERS)]
    with stack.still("orders-1"):
        for order in orders[:ORDERS]:
            admin.close(order)
        until(lambda: stack.outbox("chat") == 0, 10)
        lose_stream(stack, "orders-1")
    stack.until_ready()
    assert_followed(stack, user, admin, orders[:ORDERS], orders[ORDERS:])
    assert stack.log("orders-1").count("order moved by reconciliation") == ORDERS


def test_names_whose_changes_were_lost_are_shown_everywhere(stack, user, admin):
    stack.until_ready()
    order = user.create_order()["id"]
    until(lambda: order in {room["order"] for room in stack.collect().rooms}, 10)
    with stack.still("orders-1"), stack.still("chat-1"):
        ok(user.patch("/users/me", json={"name": "Nora Renamed"}))
        until(lambda: stack.outbox("auth") == 0, 10)
        lose_stream(stack, "orders-1", "chat-1")
    stack.until_ready()
    until(lambda: admin.order(order)["owner"]["name"] == "Nora Renamed", MENDED_SECONDS)
    until(lambda: admin.room(order)["owner"]["name"] == "Nora Renamed", MENDED_SECONDS)


def test_events_that_come_after_their_effects_were_mended_change_nothing(stack, user, admin):
    stack.until_ready()
    orders = [user.create_order()["id"] for _ in range(2 * ORDERS)]
    until(lambda: stack.outbox("orders") == 0, 10)
    # Until provision makes the stream again, events stay in the outboxes.
    with stack.still("provision-1"):
        lose_stream(stack)
        for order in orders[:ORDERS]:
            admin.close(order)
        orders += [user.create_order()["id"] for _ in range(ORDERS)]
        until(lambda: {*orders} <= {room["order"] for room in stack.collect().rooms}, MENDED_SECONDS)
        for order in orders[:ORDERS]:
            user.until_status(order, "Processing", timeout=MENDED_SECONDS)
        # Those created, and those moved meanwhile.
        assert (stack.outbox("chat"), stack.outbox("orders")) == (ORDERS, 2 * ORDERS)
    stack.until_ready()
    until(lambda: stack.outbox("chat") == stack.outbox("orders") == 0, MENDED_SECONDS)
    assert_followed(stack, user, admin, orders[:ORDERS], orders[ORDERS:])


@run_async
async def test_sockets_of_sessions_whose_end_was_lost_are_cut_within_a_second(stack, user, admin):
    await asyncio.to_thread(stack.until_ready)
    staying = await asyncio.to_thread(stack.registered, stack.gateways[1])
    async with Sockets() as sockets:
        clients = [await sockets.open(door, stack.gateways[1], user) for door in DOORS for _ in range(10)]
        others = [await sockets.open(door, stack.gateways[1], staying) for door in DOORS for _ in range(10)]
        with stack.still("gateway-2"):
            # 1. Its link is gone, so that nothing of what follows is on its way to it.
            await asyncio.to_thread(lose_stream, stack)
            await asyncio.to_thread(until_stream, stack)
            # 2. The stream takes the end of the session, and is lost with it.
            ok(await asyncio.to_thread(user.post, "/auth/logout"), 204)
            await asyncio.to_thread(until, lambda: stack.outbox("auth") == 0, 10)
            await asyncio.to_thread(lose_stream, stack)
            await asyncio.to_thread(until_stream, stack)
            ok(await asyncio.to_thread(admin.get, "/users/me"))
        begun = time.monotonic()
        took = []
        for client in clients:
            await client.wait_closed(30)
            took.append(round(time.monotonic() - begun, 2))
        assert took[-1] < seconds(1), took
        assert all(len(client.events("sessionEnded")) == 1 for client in clients)
        # A status may have passed the others by: they are told to come again.
        for client in others:
            await client.wait_closed(30)
            assert not client.events("sessionEnded")


@run_async
async def test_sockets_are_told_and_a_gateway_stops_though_auth_does_not_answer_after_a_gap(stack, user):
    await asyncio.to_thread(stack.until_ready)
    here = Person(stack.gateways[1], user.token)
    async with Sockets() as sockets:
        clients = [await sockets.open(door, stack.gateways[1], user) for door in DOORS for _ in range(10)]
        with stack.still("auth-1"):
            await asyncio.to_thread(lose_stream, stack)
            await asyncio.to_thread(until_stream, stack)
            for client in clients:
                # It may be a second until the stream is looked for again, and is less than one from then on.
                await client.wait_closed(2)
                assert getattr(client, "close_code", 1012) == 1012
                assert not client.events("sessionEnded")
            # The end of a session may have been missed: nobody is believed until auth has said.
            assert_problem(await asyncio.to_thread(here.get, "/orders"), 503, "service-unavailable")
            pid = stack.pids["gateway-2"]
            os.kill(pid, signal.SIGTERM)
            # No socket is left to be waited for.
            await until_async(lambda: not is_alive(pid), 5)
        await asyncio.to_thread(stack.until_ready)
        ok(await asyncio.to_thread(here.get, "/orders"))
