"""What a socket may see follows who it is, also when what tells the gateways of a change is late."""

import asyncio
from contextlib import contextmanager

import pytest

from Harness.person import ok
from Harness.sockets import DOORS, Refused, Sockets, run_async
from small import small_system


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(tmp_path_factory.mktemp("rights") / "data") as running:
        yield running


@contextmanager
def untold(stack):
    """No gateway hears that an account has changed, for the time of the block."""
    with stack.connect() as connection:
        connection.execute("""
            create function auth.keep_to_itself() returns trigger language plpgsql as $$
            begin
                if new.subject = 'auth.event.user-changed' then return null; end if;
                return new;
            end $$""")
        connection.execute(
            "create trigger keep_to_itself before insert on auth.outbox "
            "for each row execute function auth.keep_to_itself()"
        )
        try:
            yield
        finally:
            connection.execute("drop function auth.keep_to_itself cascade")


def with_role(admin, person, role):
    """The same person, in a session begun after the change; `person` keeps the token of the one before."""
    ok(admin.patch(f"/users/{person.id}", json={"role": role}))
    there = signed_in_again(person)
    assert there.user["role"] == role
    return there


def signed_in_again(person):
    there = person.at(person.base)
    there.login()
    return there


@run_async
async def test_a_demoted_admin_who_signs_in_again_on_the_open_socket_sees_no_room_of_others(stack, user, admin):
    person = await asyncio.to_thread(stack.registered)
    other, own = user.create_order()["id"], person.create_order()["id"]
    with untold(stack):
        person = await asyncio.to_thread(with_role, admin, person, "Admin")
        async with Sockets() as sockets:
            clients = [await sockets.open(door, gateway, person) for door in DOORS for gateway in stack.gateways]
            for client in clients:
                await client.join(other)
                await client.join(own)
            await asyncio.to_thread(user.say, other, "for Admins")
            for client in clients:
                await client.wait_for("newMessage", lambda message: message["content"] == "for Admins")
            regular = await asyncio.to_thread(with_role, admin, person, "Regular")
            for client in clients:
                answer = await client.call("authenticate", {"token": regular.token})
                assert answer["user"]["role"] == "Regular", answer
            await asyncio.to_thread(user.say, other, "not for this one")
            await asyncio.to_thread(user.create_order)
            await asyncio.to_thread(regular.say, own, "still there")
            for client in clients:
                await client.wait_for("newMessage", lambda message: message["content"] == "still there")
                refusal = await client.wait_for("error", lambda problem: problem["code"] == "forbidden")
                assert refusal["orderId"] == other, refusal
                assert not [m for m in client.events("newMessage") if m["content"] == "not for this one"]
                # The order placed as an Admin looked on had its event; the one after has not.
                assert not client.events("orderCreated")
                await client.refused("joinRoom", {"orderId": other}, 403, "forbidden")
            # And back: an Admin's sockets hear of orders, and may be in every room.
            again = await asyncio.to_thread(with_role, admin, person, "Admin")
            for client in clients:
                await client.call("authenticate", {"token": again.token})
                await client.join(other)
            order = await asyncio.to_thread(user.create_order)
            for client in clients:
                await client.wait_for("orderCreated", lambda told, order=order: told["id"] == order["id"])
                assert client.seqs(own) == [1]


@run_async
async def test_a_socket_belongs_to_the_session_it_signed_in_with_last(stack, user):
    second, stranger = await asyncio.to_thread(signed_in_again, user), await asyncio.to_thread(stack.registered)
    order = (await asyncio.to_thread(user.create_order))["id"]
    async with Sockets() as sockets:
        clients = [await sockets.open(door, stack.gateways[0], user) for door in DOORS]
        for client in clients:
            await client.join(order)
            with pytest.raises(Refused) as refused:
                await client.call("authenticate", {"token": stranger.token})
            assert refused.value.problem["code"] == "forbidden"
            await client.call("authenticate", {"token": second.token})
        # The session before ends, and the sockets stay: they belong to the other one.
        ok(await asyncio.to_thread(user.post, "/auth/logout"), 204)
        await asyncio.to_thread(second.say, order, "here")
        for client in clients:
            await client.wait_for("newMessage", lambda message: message["content"] == "here")
            assert not client.closed.is_set()
        ok(await asyncio.to_thread(second.post, "/auth/logout"), 204)
        for client in clients:
            await client.wait_closed(5)
            assert client.events("sessionEnded") == [{"reason": "logged-out"}]
