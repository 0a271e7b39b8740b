"""Who is in a room, as sockets are told when gateways and the message server die, freeze and come back."""

import asyncio
import os
import signal
import time

import pytest

from Harness.person import ok
from Harness.settings import seconds
from Harness.sockets import DOORS, Sockets, run_async
from small import small_system


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(tmp_path_factory.mktemp("awareness") / "data") as running:
        yield running


@pytest.fixture(autouse=True)
def ready(stack):
    stack.until_ready()


def last(client, order):
    """Who is in the room, as the client was told last."""
    told = [data["users"] for data in client.events("presence") if data["orderId"] == order]
    return sorted(user["id"] for user in told[-1]) if told else None


async def until_told(clients, order, *people, within=10):
    expected = sorted(person.id for person in people)
    for client in clients:
        await client.wait_until(lambda client=client: last(client, order) == expected, within)


def another_admin(stack, admin):
    person = stack.registered()
    ok(admin.patch(f"/users/{person.id}", json={"role": "Admin"}))
    person.login()
    return person


@pytest.mark.parametrize("door", DOORS)
@run_async
async def test_the_users_of_a_gateway_that_is_killed_are_gone_within_fifteen_seconds(stack, user, admin, door):
    orders = [user.create_order()["id"] for _ in range(3)]
    async with Sockets() as sockets:
        staying = await sockets.open(door, stack.gateways[0], user)
        dying = await sockets.open(door, stack.gateways[1], admin)
        for order in orders:
            await staying.join(order)
            await dying.join(order)
        await dying.call("typing", {"orderId": orders[0], "isTyping": True})
        await staying.wait_for("typing", lambda d: d["isTyping"])
        for order in orders:
            await until_told([staying, dying], order, user, admin)
        begun = time.monotonic()
        await asyncio.to_thread(stack.kill, "gateway-2")
        for order in orders:
            await until_told([staying], order, user, within=15)
        await staying.wait_for("typing", lambda d: not d["isTyping"])
        assert time.monotonic() - begun < seconds(15)
        await asyncio.to_thread(stack.until_ready, "gateway-2")
        again = await sockets.open(door, stack.gateways[1], admin)
        await again.join(orders[0])
        await until_told([staying, again], orders[0], user, admin)


@run_async
async def test_a_gateway_that_stands_still_is_forgotten_and_comes_back_with_its_users(stack, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        staying = await sockets.open("websocket", stack.gateways[0], user)
        frozen = await sockets.open("socketio", stack.gateways[1], admin)
        for client in (staying, frozen):
            await client.join(order)
        await until_told([staying, frozen], order, user, admin)
        with stack.still("gateway-2"):
            await until_told([staying], order, user, within=15)
        await until_told([staying, frozen], order, user, admin)
        # It has not taken the others for dead because it did not hear them itself.
        told = [sorted(u["id"] for u in d["users"]) for d in frozen.events("presence")]
        assert [admin.id] not in told[told.index(sorted([user.id, admin.id])) :], told


@run_async
async def test_a_gateway_that_stops_takes_its_users_along_as_they_go(stack, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        staying = await sockets.open("websocket", stack.gateways[0], user)
        leaving = [await sockets.open(door, stack.gateways[1], admin) for door in DOORS]
        for client in (staying, *leaving):
            await client.join(order)
        await until_told([staying], order, user, admin)
        os.kill(stack.pids["gateway-2"], signal.SIGTERM)
        for client in leaving:
            await client.wait_closed(32)
        await until_told([staying], order, user, within=3)


@run_async
async def test_everybody_is_there_again_when_the_message_server_comes_back(stack, user, admin):
    order, left = user.create_order()["id"], user.create_order()["id"]
    async with Sockets() as sockets:
        here = [await sockets.open(door, stack.gateways[0], user) for door in DOORS]
        there = await sockets.open("websocket", stack.gateways[1], admin)
        for client in (*here, there):
            await client.join(order)
        await here[0].join(left)
        await there.join(left)
        await until_told([*here, there], order, user, admin)
        await until_told([here[0], there], left, user, admin)
        before = stack.run["nats"]["pid"]
        os.kill(before, signal.SIGKILL)
        # Nobody can be told while it is away.
        await there.call("leaveRoom", {"orderId": left})
        await asyncio.to_thread(stack.until_ready)
        await until_told(here[:1], left, user, within=15)
        person = await asyncio.to_thread(another_admin, stack, admin)
        late = await sockets.open("socketio", stack.gateways[1], person)
        await late.join(order)
        await until_told([*here, there, late], order, user, admin, person)
        # Nobody was shown as gone meanwhile.
        for client in (*here, there):
            told = [d["users"] for d in client.events("presence") if d["orderId"] == order]
            both = next(n for n, users in enumerate(told) if len(users) == 2)
            assert all(len(users) >= 2 for users in told[both:]), told
