"""The whole life of an order, told over two gateways by two Socket.IO clients that are not ours."""

import asyncio
import time

from Harness.person import ok
from Harness.settings import seconds
from Harness.shapes import assert_problem
from Harness.sockets import SioClient, Sockets, run_async
from Harness.waiting import until


@run_async
async def test_owner_and_admin_talk_agree_and_finish_over_two_gateways(gateways, make_user, admin):
    here, there = gateways[0], gateways[-1]
    user = await asyncio.to_thread(make_user)
    desk_http = admin.at(there)
    async with Sockets() as sockets:
        desk = sockets.keep(await SioClient.connect(there, admin.token))
        # The order is placed at one gateway, and an Admin at the other hears of it and joins its room at once.
        order = await asyncio.to_thread(user.create_order)
        told = await desk.wait_for("orderCreated", lambda o: o["id"] == order["id"])
        assert told == order
        order_id = order["id"]
        client = sockets.keep(await SioClient.connect(here, user.token))
        for socket in (client, desk):
            joined = await socket.join(order_id)
            assert joined["messages"] == [] and joined["room"]["isOpen"] is True

        # Both write at the same time; both read the same, in the same order, under the same numbers.
        sent = await asyncio.gather(
            *[who.say(order_id, f"{name} {n}") for n in range(20) for name, who in (("owner", client), ("admin", desk))]
        )
        for socket in (client, desk):
            await socket.wait_until(lambda socket=socket: len(socket.seqs(order_id)) >= 40)
        assert client.events("newMessage") == desk.events("newMessage")
        assert client.seqs(order_id) == list(range(1, 41))
        assert sorted(sent, key=lambda m: m["seq"]) == client.events("newMessage")
        for name in ("owner", "admin"):
            said = [m["content"] for m in client.events("newMessage") if m["content"].startswith(name)]
            assert said == [f"{name} {n}" for n in range(20)]

        # The order is still editable; both hear of the change.
        changed = await asyncio.to_thread(lambda: ok(user.patch(f"/orders/{order_id}", json={"quantity": 44})))
        for socket in (client, desk):
            assert await socket.wait_for("orderUpdated", lambda o: o["id"] == order_id) == changed

        # Closed by HTTP at one gateway: the other's socket hears of it, and the order moves within a second.
        closing = time.monotonic()
        room = await asyncio.to_thread(desk_http.close, order_id, "Forty-four, oiled, by May")
        for socket in (client, desk):
            closed = await socket.wait_for("roomClosed")
            assert (closed["orderId"], closed["seq"], closed["summary"]) == (order_id, 41, room["summary"])
            moved = await socket.wait_for("orderStatusChanged", lambda d: d["orderId"] == order_id)
            assert (moved["from"], moved["to"]) == ("Review", "Processing")
        assert client.events("newMessage")[-1]["kind"] == "summary" and client.seqs(order_id) == list(range(1, 42))
        current = await asyncio.to_thread(user.until_status, order_id, "Processing", 1)
        assert time.monotonic() - closing < seconds(2)
        assert current["nextStatuses"] == ["Completed"]
        await client.refused("sendMessage", {"orderId": order_id, "content": "One more thing"}, 409, "room-closed")

        # Completed at the other gateway.
        await asyncio.to_thread(lambda: ok(admin.at(here).complete(order_id)))
        for socket in (client, desk):
            await socket.wait_for("orderStatusChanged", lambda d: d["orderId"] == order_id and d["to"] == "Completed")

    assert_problem(user.patch(f"/orders/{order_id}", json={"quantity": 1}), 409, "order-not-editable")
    entries = user.history(order_id)["items"]
    assert [e["type"] for e in entries] == ["created", "updated", "status-changed", "status-changed"], entries
    moves = [(e["from"], e["to"]) for e in entries if e["type"] == "status-changed"]
    assert moves == [("Review", "Processing"), ("Processing", "Completed")], "exactly one entry for each move"
    for reader in (user, desk_http):
        assert [m["seq"] for m in reader.messages(order_id, limit=100)["items"]] == list(range(1, 42))


def test_closing_moves_every_order_exactly_once(make_user, admin, gateways, together):
    people = [make_user() for _ in range(4)]
    orders = [(person, person.create_order()["id"]) for person in people for _ in range(5)]
    together(
        *[
            lambda n=n, order_id=order_id: admin.at(gateways[n % len(gateways)]).close(order_id)
            for n, (_, order_id) in enumerate(orders)
        ]
    )
    for person, order_id in orders:
        until(lambda: person.order(order_id)["status"] == "Processing", 5)
        types = [e["type"] for e in person.history(order_id)["items"]]
        assert types == ["created", "status-changed"], types
