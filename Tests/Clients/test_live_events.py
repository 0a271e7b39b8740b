"""docs/api.md §7.5 and §7.6: who is told what, whichever door, gateway or call a change came through."""

import asyncio
import time

import pytest

from Harness.person import ok
from Harness.settings import seconds
from Harness.shapes import TIMESTAMP, assert_message, assert_order, assert_problem_object
from Harness.sockets import DOORS, Sockets, run_async

each_door = pytest.mark.parametrize("door", DOORS)


async def everywhere(sockets, gateways, person):
    """A socket by each door at each gateway."""
    return [await sockets.open(door, gateway, person) for door in DOORS for gateway in gateways]


async def all_get(clients, event, predicate=lambda data: True):
    """What each of them received first; the same for all."""
    got = [await client.wait_for(event, predicate) for client in clients]
    assert all(data == got[0] for data in got), got
    return got[0]


# Rooms


@run_async
async def test_a_message_reaches_every_joined_socket_the_senders_included(gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        clients = await everywhere(sockets, gateways, user) + await everywhere(sockets, gateways, admin)
        for client in clients:
            await client.join(order)
        sent = [await client.say(order, f"m{n}") for n, client in enumerate(clients)]
        sent.append(await asyncio.to_thread(user.at(gateways[-1]).say, order, "by HTTP"))
        for client in clients:
            await client.wait_until(lambda client=client: len(client.events("newMessage")) >= len(sent))
            assert client.events("newMessage") == sent
        for message in sent:
            assert_message(message, order)


@each_door
@run_async
async def test_a_socket_that_left_or_never_joined_hears_nothing(gateway, user, door):
    order, fence = user.create_order()["id"], user.create_order()["id"]
    async with Sockets() as sockets:
        left, never, still = [await sockets.open(door, gateway, user) for _ in range(3)]
        for client in (left, never, still):
            await client.join(fence)
        await left.join(order)
        await still.join(order)
        await left.call("leaveRoom", {"orderId": order})
        await still.say(order, "for those inside")
        await still.wait_until(lambda: still.seqs(order) == [1])
        await still.say(fence, "for all")
        for client in (left, never):
            await client.wait_until(lambda client=client: client.seqs(fence) == [1])
            assert client.seqs(order) == []


@each_door
@run_async
async def test_coming_back_brings_exactly_what_was_missed(gateways, user, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        first = await sockets.open(door, gateways[0], user)
        await first.join(order)
        user.say(order)
        await first.wait_until(lambda: first.seqs(order) == [1])
        await first.close()
        for _ in range(5):
            user.say(order)
        second = await sockets.open(door, gateways[-1], user)
        answer = await second.join(order, after=1)
        user.say(order)
        await second.wait_until(lambda: second.seqs(order) == [7])
        assert [m["seq"] for m in answer["messages"]] == [2, 3, 4, 5, 6]


@each_door
@run_async
async def test_a_join_amid_a_stream_of_messages_misses_and_repeats_nothing(gateways, user, admin, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        writer = await sockets.open(door, gateways[0], admin)
        writing = asyncio.gather(*[writer.say(order, f"m{n}") for n in range(100)])
        readers = [await sockets.open(door, gateways[n % len(gateways)], user) for n in range(4)]
        answers = [await reader.join(order, after=0, limit=100) for reader in readers]
        await writing
        for reader, answer in zip(readers, answers):
            read = [m["seq"] for m in answer["messages"]]
            await reader.wait_until(lambda: len(read) + len(reader.seqs(order)) >= 100)
            assert read + reader.seqs(order) == list(range(1, 101))


@run_async
async def test_closing_tells_every_joined_socket_after_the_summary(gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        clients = await everywhere(sockets, gateways, user) + await everywhere(sockets, gateways, admin)
        for client in clients:
            await client.join(order)
        room = await asyncio.to_thread(admin.close, order, "All agreed")
        closed = await all_get(clients, "roomClosed")
        assert set(closed) == {"orderId", "summary", "closedBy", "closedAt", "seq"}, closed
        assert (closed["orderId"], closed["summary"], closed["seq"]) == (order, "All agreed", 1)
        assert closed["closedBy"] == room["closedBy"] and closed["closedAt"] == room["closedAt"]
        assert_message(await all_get(clients, "newMessage"), order, kind="summary")
        for client in clients:
            names = client.names()
            assert names.index("newMessage") < names.index("roomClosed"), names
            assert names.count("roomClosed") == names.count("newMessage") == 1, names


@run_async
async def test_reading_is_told_to_every_joined_socket(gateways, user, admin):
    order = user.create_order()["id"]
    admin.say(order)
    async with Sockets() as sockets:
        clients = await everywhere(sockets, gateways, user) + await everywhere(sockets, gateways, admin)
        for client in clients:
            await client.join(order)
        await asyncio.to_thread(lambda: ok(user.post(f"/chat/rooms/{order}/read", json={"seq": 1}), 204))
        assert await all_get(clients, "messagesRead") == {"orderId": order, "userId": user.id, "seq": 1}
        await clients[0].say(order)
        await clients[-1].call("markRead", {"orderId": order, "seq": 2})
        expected = {"orderId": order, "userId": admin.id, "seq": 2}
        assert await all_get(clients, "messagesRead", lambda d: d["userId"] == admin.id) == expected


# Orders


@run_async
async def test_a_new_order_is_told_to_every_admin_and_to_nobody_else(gateways, user, other, admin):
    async with Sockets() as sockets:
        desks = await everywhere(sockets, gateways, admin)
        strangers = await everywhere(sockets, gateways, other)
        order = await asyncio.to_thread(user.create_order)
        told = await all_get(desks, "orderCreated", lambda o: o["id"] == order["id"])
        assert_order(told)
        assert told == order
        fence = await asyncio.to_thread(other.create_order)
        await asyncio.to_thread(lambda: ok(other.patch(f"/orders/{fence['id']}", json={"quantity": 2})))
        await all_get(strangers, "orderUpdated", lambda o: o["id"] == fence["id"])
        for stranger in strangers:
            assert stranger.events("orderCreated") == [], stranger.log


@run_async
async def test_a_changed_order_is_told_to_its_owner_and_every_admin(gateways, user, other, admin):
    order = user.create_order()
    async with Sockets() as sockets:
        told = await everywhere(sockets, gateways, user) + await everywhere(sockets, gateways, admin)
        strangers = await everywhere(sockets, gateways, other)
        changed = await asyncio.to_thread(lambda: ok(user.patch(f"/orders/{order['id']}", json={"quantity": 41})))
        assert await all_get(told, "orderUpdated", lambda o: o["id"] == order["id"]) == changed
        fence = await asyncio.to_thread(other.create_order)
        await asyncio.to_thread(lambda: ok(other.patch(f"/orders/{fence['id']}", json={"quantity": 2})))
        await all_get(strangers, "orderUpdated", lambda o: o["id"] == fence["id"])
        for stranger in strangers:
            assert [o["id"] for o in stranger.events("orderUpdated")] == [fence["id"]]


@run_async
async def test_a_change_of_status_is_told_to_owner_and_admins_and_never_backwards(gateways, user, admin):
    order = user.create_order()
    async with Sockets() as sockets:
        told = await everywhere(sockets, gateways, user) + await everywhere(sockets, gateways, admin)
        await told[0].join(order["id"])
        await asyncio.to_thread(admin.close, order["id"])

        def mine(to):
            return lambda d: d["orderId"] == order["id"] and d["to"] == to

        first = await all_get(told, "orderStatusChanged", mine("Processing"))
        assert set(first) == {"orderId", "number", "from", "to", "version", "at"}, first
        assert first["number"] == order["number"] and first["from"] == "Review"
        assert first["version"] > order["version"] and TIMESTAMP.match(first["at"])
        completed = await asyncio.to_thread(lambda: ok(admin.complete(order["id"])))
        second = await all_get(told, "orderStatusChanged", mine("Completed"))
        assert (second["from"], second["version"]) == ("Processing", completed["version"])
        for client in told:
            versions = [d["version"] for d in client.events("orderStatusChanged") if d["orderId"] == order["id"]]
            assert versions == sorted(versions), versions


# Sessions


def log_out(person, admin):
    ok(person.post("/auth/logout"), 204)


def revoke(person, admin):
    """Ends the session from another one of the same person."""
    current = next(s["id"] for s in ok(person.get("/auth/sessions"))["items"] if s["current"])
    second = person.at(person.base)
    second.login()
    ok(second.delete(f"/auth/sessions/{current}"), 204)


def change_password(person, admin):
    second = person.at(person.base)
    second.login()
    ok(second.post("/auth/password", json={"currentPassword": person.password, "newPassword": "another password"}), 204)


def promote(person, admin):
    ok(admin.patch(f"/users/{person.id}", json={"role": "Admin"}))


def disable(person, admin):
    ok(admin.patch(f"/users/{person.id}", json={"disabled": True}))


def erase(person, admin):
    ok(admin.delete(f"/users/{person.id}"), 204)


@pytest.mark.parametrize(
    "end, reasons",
    [
        (log_out, {"logged-out"}),
        (revoke, {"revoked"}),
        (change_password, {"revoked"}),
        (promote, {"role-changed"}),
        (disable, {"disabled"}),
        (erase, {"disabled", "revoked"}),
    ],
)
@run_async
async def test_the_end_of_a_session_cuts_its_sockets_within_a_second(gateways, user, admin, end, reasons):
    async with Sockets() as sockets:
        clients = await everywhere(sockets, gateways, user)
        await asyncio.to_thread(end, user, admin)
        start = time.monotonic()
        for client in clients:
            ended = await client.wait_for("sessionEnded")
            assert ended.keys() == {"reason"} and ended["reason"] in reasons, ended
            await client.wait_closed()
        assert time.monotonic() - start < seconds(1)
        assert {c.close_code for c in clients if hasattr(c, "close_code")} == {4401}


@run_async
async def test_a_demoted_admin_hears_no_more_of_other_peoples_orders(gateways, user, admin, make_admin):
    order = user.create_order()["id"]
    demoted = await asyncio.to_thread(make_admin)
    async with Sockets() as sockets:
        clients = await everywhere(sockets, gateways, demoted)
        for client in clients:
            await client.join(order)
        await asyncio.to_thread(lambda: ok(admin.patch(f"/users/{demoted.id}", json={"role": "Regular"})))
        for client in clients:
            assert (await client.wait_for("sessionEnded"))["reason"] == "role-changed"
            await client.wait_closed()
        await asyncio.to_thread(demoted.login)
        again = await everywhere(sockets, gateways, demoted)
        for client in again:
            await client.refused("joinRoom", {"orderId": order}, 403, "forbidden")


@each_door
@run_async
async def test_other_sessions_of_the_same_person_go_on(gateway, user, admin, door):
    second = user.at(gateway)
    second.login()
    async with Sockets() as sockets:
        ending, staying = await sockets.open(door, gateway, user), await sockets.open(door, gateway, second)
        await asyncio.to_thread(log_out, user, admin)
        await ending.wait_closed()
        order = await asyncio.to_thread(second.create_order)
        await staying.join(order["id"])
        assert staying.events("sessionEnded") == []


# Errors


@each_door
@run_async
async def test_an_error_is_told_to_the_socket_concerned_alone(gateway, user, door):
    async with Sockets() as sockets:
        wrong, right = await sockets.open(door, gateway, user), await sockets.open(door, gateway, user)
        await wrong.emit("sendMessage", {"orderId": "not-an-id", "content": "x"})
        problem = await wrong.wait_for("error")
        assert_problem_object(problem, 400, problem["code"])
        await right.refused("dance", {}, 404, "not-found")
        assert right.events("error") == []
