"""Readers that lose their connection, or read too slowly: nobody misses a message, and nobody else waits."""

import asyncio
import base64
import json
import socket
from urllib.parse import urlsplit

from Harness.settings import seconds
from Harness.sockets import DOORS, SioClient, Sockets, run_async

MESSAGES, BREAKS = 2000, 50


async def read_all(gateways, person, order, total, chance):
    """One reader over many connections, each joining after what the one before had."""
    seen, breaks = [], 0
    while len(seen) < total:
        client = await SioClient.connect(gateways[breaks % len(gateways)], person.token)
        last = seen[-1] if seen else 0
        joined = await client.join(order, after=last)
        seen += [m["seq"] for m in joined["messages"]]
        goal = total if breaks >= BREAKS else min(total, len(seen) + chance.randint(1, total // BREAKS))
        await client.wait_until(lambda: len(seen) + len(client.seqs(order)) >= goal, 60)
        # Cut off without a word, as a lost network does.
        transport = client.sio.eio.ws
        await transport.close() if breaks % 2 else transport._response.close()
        await client.wait_closed(30)
        seen += client.seqs(order)
        breaks += 1
    return seen, breaks


@run_async
async def test_a_reader_cut_off_fifty_times_gets_every_message_once_and_in_order(
    make_user, make_admin, gateways, chance
):
    owner = await asyncio.to_thread(make_user)
    admin = await asyncio.to_thread(make_admin)
    order = (await asyncio.to_thread(owner.create_order))["id"]
    async with Sockets() as sockets:
        writers = [await sockets.open(DOORS[n % 2], gateways[n % 2], admin) for n in range(4)]

        async def write(writer):
            for n in range(MESSAGES // len(writers)):
                await writer.call("sendMessage", {"orderId": order, "content": f"message {n}"}, 60)

        reading = asyncio.create_task(read_all(gateways, owner, order, MESSAGES, chance))
        await asyncio.gather(*[write(writer) for writer in writers])
        seen, breaks = await asyncio.wait_for(reading, 180)
    assert seen == list(range(1, MESSAGES + 1))
    assert breaks >= BREAKS


def handshake(base, token):
    """A WebSocket whose reading is in our hands alone: nothing is read that is not asked for."""
    url = urlsplit(base)
    connection = socket.create_connection((url.hostname, url.port), timeout=seconds(30))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    key = base64.b64encode(b"0123456789abcdef").decode()
    connection.sendall(
        (
            f"GET /ws HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
    )
    assert connection.recv(12).startswith(b"HTTP/1.1 101")
    return connection


def frame(payload):
    data = json.dumps(payload).encode()
    assert 125 < len(data) < 65536 or len(data) <= 125
    head = bytes([0x81, 0x80 | len(data)]) if len(data) <= 125 else bytes([0x81, 0xFE]) + len(data).to_bytes(2, "big")
    return head + bytes(4) + data


@run_async
async def test_a_reader_that_is_too_slow_is_dropped_and_the_others_do_not_wait(make_user, make_admin, gateways):
    owner = await asyncio.to_thread(make_user)
    admin = await asyncio.to_thread(make_admin)
    order = (await asyncio.to_thread(owner.create_order))["id"]
    slow = await asyncio.to_thread(handshake, gateways[0], owner.token)
    slow.sendall(frame({"id": 1, "event": "joinRoom", "data": {"orderId": order}}))
    async with Sockets() as sockets:
        reader = await sockets.open("websocket", gateways[0], owner)
        await reader.join(order)
        writers = [await sockets.open("websocket", gateways[n % 2], admin) for n in range(4)]
        content = "x" * 4000

        async def write(writer):
            for _ in range(600):
                await writer.call("sendMessage", {"orderId": order, "content": content}, 60)

        await asyncio.gather(*[write(writer) for writer in writers])
        await reader.wait_until(lambda: len(reader.seqs(order)) >= 2400, 30)
        assert reader.seqs(order) == list(range(1, 2401))
    # Through the small window what is left in the system's buffers would take minutes.
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def drain():
        """Everything that still comes, until the connection ends; one that stays open fails by its time-out."""
        received = 0
        try:
            while chunk := slow.recv(1 << 20):
                received += len(chunk)
        except ConnectionResetError:
            pass
        return received

    received = await asyncio.to_thread(drain)
    slow.close()
    assert received < 2400 * len(content), "it was given everything, so it was not dropped"


@run_async
async def test_pings_without_reading_their_answers_do_not_pile_up(make_user, gateways):
    owner = await asyncio.to_thread(make_user)
    connection = await asyncio.to_thread(handshake, gateways[0], owner.token)
    connection.settimeout(30)
    ping = bytes([0x89, 0x80 | 125]) + bytes(4) + bytes(125)

    def flood():
        """Far more than the system's own buffers hold; ends when the gateway has had enough."""
        for _ in range(600):
            connection.sendall(ping * 1000)

    try:
        await asyncio.to_thread(flood)
        raise AssertionError("75 MB of answers were kept for a reader that reads nothing")
    except OSError:
        pass
    finally:
        connection.close()
    assert (await asyncio.to_thread(owner.get, "/users/me")).status_code == 200
