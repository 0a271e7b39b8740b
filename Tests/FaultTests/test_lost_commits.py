"""The database comes back without the last messages, as after a fail-over to one that had not got them: nobody takes
what then has their numbers for something already seen."""

import asyncio

import pytest

from Harness.sockets import DOORS, Sockets, run_async
from small import small_system

# Heads are compared every 2 s, and sockets are closed within a second of that.
NOTICED_SECONDS = 5


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(tmp_path_factory.mktemp("commits") / "data") as running:
        yield running


def lose_messages(stack, order, kept):
    """Undoes all but the first messages of a room."""
    with stack.connect() as connection, connection.transaction():
        connection.execute("delete from chat.messages where order_id = %s and seq > %s", [order, kept])
        connection.execute("update chat.rooms set last_seq = %s where order_id = %s", [kept, order])


async def in_room(stack, sockets, people, order):
    clients = [
        await sockets.open(door, gateway, person) for door in DOORS for gateway in stack.gateways for person in people
    ]
    for client in clients:
        await client.join(order)
    return clients


@pytest.mark.parametrize("told", [True, False])
@run_async
async def test_sockets_of_a_room_that_went_back_come_again_and_get_the_numbers_given_anew(stack, user, admin, told):
    order, other = user.create_order()["id"], user.create_order()["id"]
    async with Sockets() as sockets:
        clients = await in_room(stack, sockets, (user, admin), order)
        staying = await in_room(stack, sockets, (user,), other)
        for number in range(1, 6):
            await asyncio.to_thread(user.say, order, f"old {number}")
        for client in clients:
            await client.wait_until(lambda client=client: client.seqs(order) == [1, 2, 3, 4, 5])
        await asyncio.to_thread(lose_messages, stack, order, 3)
        if told:
            # More than there were before anybody compares: only what they are tells that they are others.
            for number in range(4, 8):
                await asyncio.to_thread(user.say, order, f"new {number}")
        for client in clients:
            await client.wait_closed(NOTICED_SECONDS)
            assert getattr(client, "close_code", 1012) == 1012
            assert not [m for m in client.events("newMessage") if m["content"].startswith("new") and m["seq"] > 5]
        again = [await sockets.open(door, gateway, user) for door in DOORS for gateway in stack.gateways]
        for client in again:
            joined = await client.join(order, after=3)
            assert [m["content"] for m in joined["messages"]] == [f"new {n}" for n in range(4, 8) if told]
        if not told:
            for number in range(4, 8):
                await asyncio.to_thread(user.say, order, f"new {number}")
            for client in again:
                await client.wait_until(lambda client=client: client.seqs(order) == [4, 5, 6, 7])
                assert [m["content"] for m in client.events("newMessage")] == [f"new {n}" for n in range(4, 8)]
        # Those elsewhere stay, and those who came again are not sent away once more.
        await asyncio.to_thread(user.say, other, "here")
        for client in staying:
            await client.wait_for("newMessage", lambda message: message["content"] == "here")
        assert not any(client.closed.is_set() for client in again + staying)


@run_async
async def test_sockets_that_only_joined_are_sent_away_as_well(stack, user):
    order = user.create_order()["id"]
    for number in range(1, 4):
        user.say(order, f"old {number}")
    async with Sockets() as sockets:
        clients = await in_room(stack, sockets, (user,), order)
        # Nothing was delivered: what is gone was in the answers to the joins.
        await asyncio.to_thread(lose_messages, stack, order, 2)
        await asyncio.to_thread(user.say, order, "new 3")
        for client in clients:
            await client.wait_closed(NOTICED_SECONDS)
            assert not client.events("newMessage")
