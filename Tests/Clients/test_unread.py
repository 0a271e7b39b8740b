"""docs/api.md §5.3 and §7.5: how far somebody has read, by whichever door and gateway."""

import asyncio

import pytest

from Harness.person import ok
from Harness.sockets import DOORS, Sockets, run_async


@pytest.mark.parametrize("door", DOORS)
@run_async
async def test_unread_counts_are_right_for_both_after_reading_by_any_door_and_gateway(gateways, user, admin, door):
    order = user.create_order()["id"]

    def listed(person, gateway):
        rooms = ok(person.at(gateway).get("/chat/rooms", params={"unread": "true", "limit": 100}))["items"]
        return next((room["unread"] for room in rooms if room["orderId"] == order), 0)

    async with Sockets() as sockets:
        owner = await sockets.open(door, gateways[0], user)
        desk = await sockets.open(DOORS[1 - DOORS.index(door)], gateways[-1], admin)

        async def unread(expected_owner, expected_desk):
            for client, person, expected in ((owner, user, expected_owner), (desk, admin, expected_desk)):
                assert (await client.join(order))["room"]["unread"] == expected
                for gateway in gateways:
                    assert await asyncio.to_thread(listed, person, gateway) == expected
                    there = await asyncio.to_thread(person.at(gateway).room, order)
                    assert there["unread"] == expected

        async def read(client, person, seq, told=None):
            """Both are told before they join again: who is joining is told nothing."""
            assert await client.call("markRead", {"orderId": order, "seq": seq}) == {}
            if told:
                marks.append({"orderId": order, "userId": person.id, "seq": told})
                for each in (owner, desk):
                    await each.wait_until(lambda each=each: each.events("messagesRead") == marks)

        marks = []
        await unread(0, 0)
        for n in range(3):
            await owner.say(order, f"question {n}")
        for n in range(2):
            await desk.say(order, f"answer {n}")
        await unread(2, 3)
        await read(owner, user, 4, told=4)
        await unread(1, 3)
        await read(desk, admin, 2, told=2)
        await unread(1, 1)
        # Never back, and never past the last.
        await read(owner, user, 1)
        await read(desk, admin, 99, told=5)
        await unread(1, 0)
        await desk.say(order, "another")
        await unread(2, 0)
