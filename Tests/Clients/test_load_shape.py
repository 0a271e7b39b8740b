"""Many at once: nothing lost, nothing doubled, and one order of things for every reader."""

import asyncio

import aiohttp

from Harness.person import PREFIX, all_pages, order_body
from Harness.sockets import DOORS, Sockets, run_async
from Harness.waiting import until

USERS, ORDERS_EACH = 20, 50
SENDERS, MESSAGES_EACH = 10, 100


async def place_all(people, gateways):
    """Every person's orders, all of them in flight together; one answer each."""
    connector = aiohttp.TCPConnector(limit_per_host=100)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:

        async def place(n, person):
            url = gateways[n % len(gateways)] + PREFIX + "/orders"
            headers = {"Authorization": f"Bearer {person.token}"}
            async with http.post(url, json=order_body(description=f"Order {n}"), headers=headers) as answer:
                assert answer.status == 201, await answer.text()
                return await answer.json()

        return await asyncio.gather(*[place(n, person) for n in range(ORDERS_EACH) for person in people])


def test_a_thousand_orders_at_once_are_a_thousand_orders_and_rooms(make_user, gateways, together):
    people = together(*[make_user] * USERS)
    placed = asyncio.run(place_all(people, gateways))
    assert len({o["id"] for o in placed}) == len({o["number"] for o in placed}) == USERS * ORDERS_EACH
    by_owner = {p.id: {o["id"] for o in placed if o["owner"]["id"] == p.id} for p in people}

    def check(person):
        listed = all_pages(person, "/orders", limit=100)
        assert len(listed) == ORDERS_EACH and {o["id"] for o in listed} == by_owner[person.id]
        rooms = until(lambda: len(r := all_pages(person, "/chat/rooms", limit=100)) >= ORDERS_EACH and r, 15)
        assert len(rooms) == ORDERS_EACH and {r["orderId"] for r in rooms} == by_owner[person.id]
        assert all(r["isOpen"] and r["owner"]["id"] == person.id for r in rooms)
        return True

    assert all(together(*[lambda p=p: check(p) for p in people]))


@run_async
async def test_ten_members_sending_at_once_make_one_sequence_for_every_reader(make_user, make_admin, gateways):
    owner = await asyncio.to_thread(make_user)
    admins = [await asyncio.to_thread(make_admin) for _ in range(3)]
    order = (await asyncio.to_thread(owner.create_order))["id"]
    people = [owner] * 5 + [admins[n % len(admins)] for n in range(SENDERS - 5)]
    total = SENDERS * MESSAGES_EACH
    async with Sockets() as sockets:
        members = [
            await sockets.open(DOORS[n % 2], gateways[(n // 2) % len(gateways)], person)
            for n, person in enumerate(people)
        ]
        for member in members:
            await member.join(order)
        sent = await asyncio.gather(
            *[
                member.call("sendMessage", {"orderId": order, "content": f"{n}/{k}"}, 60)
                for k in range(MESSAGES_EACH)
                for n, member in enumerate(members)
            ]
        )
        assert sorted(m["seq"] for m in sent) == list(range(1, total + 1))
        for member in members:
            await member.wait_until(lambda member=member: len(member.seqs(order)) >= total, 30)
            assert member.seqs(order) == list(range(1, total + 1))
            assert member.events("newMessage") == members[0].events("newMessage")
        for n in range(SENDERS):
            own = [m["content"] for m in members[0].events("newMessage") if m["content"].startswith(f"{n}/")]
            assert own == [f"{n}/{k}" for k in range(MESSAGES_EACH)], "one socket's messages changed their order"
        late = await sockets.open("websocket", gateways[-1], owner)
        answer = await late.join(order, after=0, limit=100)
        await late.wait_until(lambda: len(late.seqs(order)) >= total - 100, 30)
        assert [m["seq"] for m in answer["messages"]] + late.seqs(order) == list(range(1, total + 1))

    def read_back(reader):
        found, after = [], 0
        while True:
            page = reader.messages(order, after=after, limit=100)
            found += page["items"]
            if not page["hasMore"]:
                return found
            after = page["lastSeq"]

    for reader in (owner, admins[0].at(gateways[-1])):
        assert await asyncio.to_thread(read_back, reader) == members[0].events("newMessage")
