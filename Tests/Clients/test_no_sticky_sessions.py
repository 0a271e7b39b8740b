"""Clients behind a balancer that keeps nobody at one gateway, while gateways die and stand still."""

import asyncio
import contextlib
import os
import signal
import uuid

import pytest
import requests
import socketio

from Harness.balancer import Balancer
from Harness.processes import standing_still
from Harness.sockets import Refused, SioClient, run_async
from Harness.waiting import until_async

pytestmark = pytest.mark.processes

POLLING, UPGRADING = ("polling",), None


class Reader:
    """Reads a room over as many connections as it takes, each joining after what the one before had."""

    def __init__(self, base, token, order, transports):
        self.base, self.token, self.order, self.transports = base, token, order, transports
        self.before, self.client, self.connections = [], None, 0

    @property
    def seen(self):
        return self.before + (self.client.seqs(self.order) if self.client else [])

    async def run(self):
        while True:
            client = None
            try:
                client = await SioClient.connect(self.base, self.token, transports=self.transports)
                joined = await client.join(self.order, after=self.before[-1] if self.before else 0)
                self.before += [message["seq"] for message in joined["messages"]]
                self.client = client
                self.connections += 1
                await client.closed.wait()
            except (socketio.exceptions.ConnectionError, ConnectionError, TimeoutError, Refused):
                await asyncio.sleep(0.1)
            finally:
                self.before, self.client = self.seen, None
                if client:
                    await client.close()


def say(person, gateways, order, number):
    """Until it is stored, at whichever gateway; the same message each time."""
    body = {"content": f"message {number}", "clientMessageId": str(uuid.uuid4())}
    for attempt in range(1000):
        try:
            there = person.at(gateways[(number + attempt) % len(gateways)])
            answer = there.post(f"/chat/rooms/{order}/messages", json=body, timeout=3)
            if answer.status_code in (200, 201):
                return
        except requests.RequestException:
            pass
    raise AssertionError(f"message {number} was never taken")


@run_async
async def test_polling_and_upgrading_clients_miss_nothing_while_gateways_fail(stack, gateways, make_user):
    owner = await asyncio.to_thread(make_user)
    order = (await asyncio.to_thread(owner.create_order))["id"]
    total = 0

    async def write(count):
        nonlocal total
        for _ in range(count):
            total += 1
            await asyncio.to_thread(say, owner, gateways, order, total)

    async with Balancer(gateways) as balancer:
        readers = [Reader(balancer.url, owner.token, order, kind) for kind in (POLLING, UPGRADING) for _ in range(4)]
        reading = [asyncio.create_task(reader.run()) for reader in readers]

        async def everybody_has_all():
            with contextlib.suppress(AssertionError):
                await until_async(lambda: all(len(reader.seen) >= total for reader in readers), 60)
            for reader in readers:
                assert reader.seen == list(range(1, total + 1)), (reader.transports, reader.connections, balancer.down)

        try:
            await write(30)
            await everybody_has_all()
            # Polls and posts of every session have come to both gateways by now.
            killed = stack.run["pids"]["gateway-2"]
            writing = asyncio.create_task(write(60))
            os.kill(killed, signal.SIGKILL)
            await writing
            await everybody_has_all()
            await until_async(lambda: not balancer.down, 30)
            with standing_still([stack.run["pids"]["gateway-1"]]):
                await write(30)
                # Those whose session it held have found another gateway.
                await everybody_has_all()
            await write(30)
            await everybody_has_all()
            assert any(reader.connections > 1 for reader in readers), "no gateway was missed by anybody"
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
