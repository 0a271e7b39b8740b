"""Sockets that send faster than they may, and sockets that nobody signs in (API §3 and §4)."""

import asyncio
import contextlib
import json
import socket
import time
import uuid
from urllib.parse import urlsplit

import pytest
import requests

from Harness.ports import free_ports
from Harness.settings import seconds
from Harness.shapes import assert_problem, assert_problem_object
from Harness.sockets import DOORS, Refused, SioClient, Sockets, WsClient, run_async
from Harness.stack import Stack, running
from Harness.waiting import until, until_async
from Harness.wire import Answer

# A system of this file's own: the one that all share has no limits.
pytestmark = pytest.mark.processes

# A socket's budget: ten a second, sixty at once. Strangers from one address: half of the 200 that it may have.
BURST, STRANGERS = 60, 100


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    stack = Stack(
        tmp_path_factory.mktemp("limits") / "data",
        RATE_LIMIT_ENABLED="true",
        RATE_LIMIT_SOCKET_EVENTS="600/1m",
        # Of everybody who comes from here.
        RATE_LIMIT_ANONYMOUS="1000000/1m",
        RATE_LIMIT_SIGN_IN="1000000/1m",
    )
    with running(stack, "--port", free_ports(1)):
        yield stack


@pytest.fixture
def person(system):
    return system.registered()


def leave(order):
    return ("leaveRoom", {"orderId": order})


@pytest.mark.parametrize("door", DOORS)
@run_async
async def test_a_socket_that_floods_is_told_once_and_then_closed_and_its_neighbours_go_on(system, person, door):
    order = str(uuid.uuid4())
    async with Sockets() as sockets:
        flooding = await sockets.open(door, system.gateways[0], person)
        neighbour = await sockets.open(door, system.gateways[0], person)

        async def flood():
            # In bursts that the neighbour's calls can come between.
            for n in range(100 * BURST):
                await flooding.emit(*leave(order))
                if n % 20 == 0:
                    await asyncio.sleep(0)

        flood_task = asyncio.create_task(flood())
        for _ in range(20):
            assert await neighbour.call(*leave(order), 5) == {}
        await flooding.wait_closed(30)
        flood_task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await flood_task
        problems = flooding.events("error")
        assert len(problems) == 1, problems
        assert_problem_object(problems[0], 429, "rate-limited")
        if door == "websocket":
            assert flooding.close_code == 1008
        assert await neighbour.call(*leave(order), 5) == {}


@pytest.mark.parametrize("door", DOORS)
@run_async
async def test_a_socket_that_heeds_the_refusal_stays(system, person, door):
    order = str(uuid.uuid4())
    async with Sockets() as sockets:
        client = await sockets.open(door, system.gateways[0], person)
        refused = None
        # Acknowledged one by one, so that nothing is on its way when the budget ends.
        for _ in range(100 * BURST):
            try:
                await client.call(*leave(order))
            except Refused as refusal:
                refused = refusal.problem
                break
        assert_problem_object(refused, 429, "rate-limited")
        paused = time.monotonic()
        await until_async(lambda: time.monotonic() > paused + seconds(1))
        for _ in range(5):
            assert await client.call(*leave(order)) == {}


def test_a_polling_client_that_floods_is_disconnected(system, person):
    url = system.gateways[0] + "/socket.io/?EIO=4&transport=polling"
    handshake = requests.get(url, timeout=seconds(10))
    session = f"{url}&sid={json.loads(handshake.text[1:])['sid']}"
    assert requests.post(session, f'40{{"token":"{person.token}"}}', timeout=seconds(10)).text == "ok"
    assert requests.get(session, timeout=seconds(10)).text.startswith("40{")
    packet = "42" + json.dumps(leave(str(uuid.uuid4())))
    requests.post(session, "\x1e".join([packet] * 3 * BURST), timeout=seconds(10))
    came = []

    def is_over():
        answer = requests.get(session, timeout=seconds(30))
        came.extend(answer.text.split("\x1e"))
        return answer.status_code == 400

    until(is_over, 30)
    assert sum('42["error"' in packet and "rate-limited" in packet for packet in came) == 1, came
    assert "41" in came and "1" in came, came


@run_async
async def test_control_frames_have_a_budget_too(system, person):
    client = await WsClient.connect(system.gateways[0], person.token)
    with contextlib.suppress(Exception):
        for _ in range(20 * BURST):
            await client.ws.ping()
    await client.wait_closed(10)
    assert client.close_code == 1008
    await client.close()


@contextlib.contextmanager
def strangers(gateway, count):
    """Sockets at `/ws` that nobody has signed in; hands over what the last handshake was answered, and their list."""
    url = urlsplit(gateway)
    request = (
        f"GET /ws HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as held:
        opened = []
        for _ in range(count):
            connection = held.enter_context(socket.create_connection((url.hostname, url.port), timeout=seconds(10)))
            connection.sendall(request)
            answer = Answer.read(connection.makefile("rb"))
            if answer.status != 101:
                break
            opened.append(connection)
        yield answer, opened


def polling_handshake(gateway):
    return requests.get(gateway + "/socket.io/?EIO=4&transport=polling", timeout=seconds(10))


def test_sockets_that_nobody_signs_in_are_bounded_and_those_that_are_do_not_count(system, person):
    gateway = system.gateways[0]
    with strangers(gateway, STRANGERS + 1) as (answer, opened):
        assert len(opened) == STRANGERS
        assert answer.status == 429 and answer.is_problem("rate-limited") and int(answer.headers["retry-after"]) > 0
        refused = polling_handshake(gateway)
        assert_problem(refused, 429, "rate-limited")
        assert int(refused.headers["Retry-After"]) > 0

        async def enters():
            # Who says in the handshake who it is counts in no bound.
            client = await WsClient.connect(gateway, person.token)
            assert await client.call(*leave(str(uuid.uuid4()))) == {}
            await client.close()

        asyncio.run(enters())
        # One leaves, another may come.
        opened.pop().close()
        until(lambda: polling_handshake(gateway).status_code == 200, 10)
    # Those that have gone, and those whose ten seconds are over, count no more.
    until(lambda: polling_handshake(gateway).status_code == 200, 20)


@run_async
async def test_a_place_among_strangers_is_given_up_by_signing_in(system, person):
    gateway = system.gateways[0]
    for door in (WsClient, SioClient):
        clients = []
        for _ in range(STRANGERS + 10):
            client = await door.connect(gateway, person.token if door is SioClient else None)
            if door is WsClient:
                await client.call("authenticate", {"token": person.token})
            clients.append(client)
        for client in clients:
            await client.close()
