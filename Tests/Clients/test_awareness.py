"""docs/api.md §7.5 and §7.6: who is in a room, and who types there."""

import asyncio
import time
import uuid

import pytest

from Harness.person import ok
from Harness.settings import seconds
from Harness.sockets import DOORS, Sockets, run_async

each_door = pytest.mark.parametrize("door", DOORS)
SILENCE = 6


def crossed(door):
    """The other door, for whoever listens at the other gateway."""
    return DOORS[1 - DOORS.index(door)]


def seen(person):
    return {"id": person.id, "name": person.user["name"], "role": person.user["role"]}


def present(order, *people):
    """The list of a room with these people, in whatever order."""
    expected = sorted((seen(person) for person in people), key=lambda user: user["id"])

    def is_meant(data):
        return data["orderId"] == order and sorted(data["users"], key=lambda user: user["id"]) == expected

    return is_meant


def lists(client, order):
    return [sorted(user["id"] for user in d["users"]) for d in client.events("presence") if d["orderId"] == order]


def keystrokes(client, order):
    return [(d["user"]["id"], d["isTyping"]) for d in client.events("typing") if d["orderId"] == order]


async def type_in(client, order, is_typing=True):
    assert await client.call("typing", {"orderId": order, "isTyping": is_typing}) == {}


async def fence(client, listeners, order):
    """Whatever the gateways had to tell of the room before comes before this."""
    mark = str(uuid.uuid4())
    await client.say(order, mark)
    for listener in listeners:
        await listener.wait_for("newMessage", lambda message: message["content"] == mark)


# Presence


@each_door
@run_async
async def test_who_joins_is_told_who_is_there_and_the_others_are_told_of_it(gateways, user, admin, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        first = await sockets.open(door, gateways[0], user)
        await first.join(order)
        told = await first.wait_for("presence")
        assert set(told) == {"orderId", "users"} and present(order, user)(told), told
        second = await sockets.open(crossed(door), gateways[-1], admin)
        await second.join(order)
        for client in (first, second):
            await client.wait_for("presence", present(order, user, admin))
            kinds = [kind for kind, name, _ in client.log if kind == "ack" or name in ("presence", "joinedRoom")]
            assert kinds[0] == "ack", client.log
        await second.call("leaveRoom", {"orderId": order})
        await first.wait_until(lambda: lists(first, order)[-1] == [user.id])
        # Who has left is told nothing more.
        count = len(lists(second, order))
        third = await sockets.open(door, gateways[-1], admin)
        await third.join(order)
        await first.wait_until(lambda: len(lists(first, order)[-1]) == 2)
        await second.refused("dance", {}, 404, "not-found")
        assert len(lists(second, order)) == count


@run_async
async def test_somebody_with_three_tabs_is_there_once_and_gone_with_the_last(gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        witness = await sockets.open("websocket", gateways[0], user)
        await witness.join(order)
        tabs = [await sockets.open(DOORS[n % 2], gateways[n % 2 - 1], admin) for n in range(3)]
        for tab in tabs:
            await tab.join(order)
            for client in (witness, tab):
                await client.wait_for("presence", present(order, user, admin))
        for tab in tabs[:2]:
            await tab.close()
        # A message of the last tab comes behind what the others had left to be told.
        await fence(tabs[2], [witness], order)
        assert lists(witness, order)[-1] == sorted([user.id, admin.id])
        await tabs[2].close()
        await witness.wait_until(lambda: lists(witness, order)[-1] == [user.id])
        assert len(lists(witness, order)) == 3, lists(witness, order)


@run_async
async def test_300_sockets_of_one_user_cost_the_others_nothing(gateways, user, admin, make_admin):
    order, desk = user.create_order()["id"], await asyncio.to_thread(make_admin)
    async with Sockets() as sockets:
        witnesses = [await sockets.open(door, gateway, user) for door, gateway in zip(DOORS, gateways)]
        for witness in witnesses:
            await witness.join(order)
        tabs = await asyncio.gather(
            *[sockets.open("websocket", gateways[n % len(gateways)], admin) for n in range(300)]
        )
        await asyncio.gather(*[tab.join(order) for tab in tabs])
        for witness in witnesses:
            await witness.wait_for("presence", present(order, user, admin))
        await asyncio.gather(*[tab.close() for tab in tabs[1:]])
        last = await sockets.open("socketio", gateways[0], desk)
        await last.join(order)
        for witness in witnesses:
            await witness.wait_for("presence", present(order, user, admin, desk))
            assert len(lists(witness, order)) == 3, lists(witness, order)


@run_async
async def test_a_new_name_is_told_when_the_token_is_renewed(gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        client = await sockets.open("websocket", gateways[0], user)
        witness = await sockets.open("socketio", gateways[-1], admin)
        for each in (client, witness):
            await each.join(order)
        await witness.wait_for("presence", present(order, user, admin))
        await asyncio.to_thread(lambda: ok(user.patch("/users/me", json={"name": "Renamed"})))
        await asyncio.to_thread(user.login)
        await client.call("authenticate", {"token": user.token})
        told = await witness.wait_for("presence", lambda d: any(u["name"] == "Renamed" for u in d["users"]))
        assert len(told["users"]) == 2


# Typing


@each_door
@run_async
async def test_typing_is_told_to_all_but_the_users_own_sockets(gateways, user, admin, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        typist = await sockets.open(door, gateways[0], user)
        own = await sockets.open(crossed(door), gateways[-1], user)
        listeners = [await sockets.open(each, gateway, admin) for each in DOORS for gateway in gateways]
        for client in (typist, own, *listeners):
            await client.join(order)
        await type_in(typist, order)
        for client in listeners:
            told = await client.wait_for("typing")
            assert told == {"orderId": order, "user": seen(user), "isTyping": True}
        late = await sockets.open(door, gateways[-1], admin)
        await late.join(order)
        await late.wait_for("typing", lambda d: d["isTyping"])
        await type_in(typist, order, False)
        for client in (*listeners, late):
            await client.wait_for("typing", lambda d: not d["isTyping"])
        await type_in(listeners[0], order)
        for client in (typist, own):
            await client.wait_for("typing")
            assert keystrokes(client, order) == [(admin.id, True)]


@each_door
@run_async
async def test_typing_ends_after_six_seconds_of_silence(gateways, user, admin, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        typist = await sockets.open(door, gateways[0], user)
        listeners = [await sockets.open(crossed(door), gateway, admin) for gateway in gateways]
        for client in (typist, *listeners):
            await client.join(order)
        begun = time.monotonic()
        await type_in(typist, order)
        for client in listeners:
            await client.wait_for("typing", lambda d: not d["isTyping"])
            passed = time.monotonic() - begun
            assert SILENCE <= passed < SILENCE + seconds(2), passed


@each_door
@run_async
async def test_typing_ends_with_the_socket_the_room_or_a_message(gateways, user, admin, door):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        witness = await sockets.open(crossed(door), gateways[-1], admin)
        await witness.join(order)

        async def told(count):
            expected = [(user.id, n % 2 == 0) for n in range(count)]
            await witness.wait_until(lambda: keystrokes(witness, order) == expected, timeout=4)

        typist = await sockets.open(door, gateways[0], user)
        await typist.join(order)
        await type_in(typist, order)
        await told(1)
        await typist.say(order)
        await told(2)
        await type_in(typist, order)
        await told(3)
        await typist.call("leaveRoom", {"orderId": order})
        await told(4)
        # It need not be in the room to type there.
        await type_in(typist, order)
        await told(5)
        await typist.close()
        await told(6)


@run_async
async def test_200_keystrokes_are_two_events_to_a_reader(gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        typist = await sockets.open("websocket", gateways[0], user)
        readers = [await sockets.open(door, gateways[-1], admin) for door in DOORS]
        for client in (typist, *readers):
            await client.join(order)
        begun = time.monotonic()
        for stroke in range(200):
            await type_in(typist, order)
            # The pace of somebody who types.
            await asyncio.sleep(max(0, begun + stroke * 0.05 - time.monotonic()))
        await type_in(typist, order, False)
        for reader in readers:
            await reader.wait_for("typing", lambda d: not d["isTyping"])
            assert keystrokes(reader, order) == [(user.id, True), (user.id, False)]


@each_door
@run_async
async def test_typing_is_for_those_who_may_see_the_room_and_while_it_is_open(gateway, user, other, admin, door):
    order, unknown = user.create_order()["id"], str(uuid.uuid4())
    async with Sockets() as sockets:
        client, stranger = await sockets.open(door, gateway, user), await sockets.open(door, gateway, other)
        for is_typing in (True, False):
            data = {"orderId": order, "isTyping": is_typing}
            await stranger.refused("typing", data, 403, "forbidden")
            await stranger.refused("typing", {**data, "orderId": unknown}, 404, "not-found")
        for wrong, field in (
            ({"orderId": order}, "isTyping"),
            ({"orderId": order, "isTyping": "true"}, "isTyping"),
            ({"orderId": order, "isTyping": None}, "isTyping"),
            ({"orderId": order, "isTyping": True, "user": user.id}, "user"),
            ({"isTyping": True}, "orderId"),
        ):
            await client.refused("typing", wrong, 400, "validation-failed", field)
        await client.refused("typing", {"orderId": "x", "isTyping": True}, 400, "invalid-id")
        await client.join(order)
        await asyncio.to_thread(admin.close, order, "All agreed")
        await client.wait_for("roomClosed")
        await client.refused("typing", {"orderId": order, "isTyping": True}, 409, "room-closed")
        await type_in(client, order, False)
        await client.call("leaveRoom", {"orderId": order})
        await client.refused("typing", {"orderId": order, "isTyping": True}, 409, "room-closed")
