"""Connections that say nothing, too much too slowly, or are too many (docs/api.md §8)."""

import contextlib
import socket
import time
import uuid
from urllib.parse import urlsplit

import pytest
import requests

from Harness.ports import free_ports
from Harness.probes import is_ready, metric
from Harness.processes import resident_bytes
from Harness.settings import seconds
from Harness.sockets import Sockets, run_async
from Harness.stack import Stack, running
from Harness.waiting import until
from Harness.wire import Answer

pytestmark = pytest.mark.processes

LIMIT, EACH = 120, 40


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    stack = Stack(
        tmp_path_factory.mktemp("connections") / "data",
        RATE_LIMIT_ENABLED="true",
        RATE_LIMIT_CONNECTIONS=str(EACH),
        MAX_CONNECTIONS=str(LIMIT),
        TRUSTED_PROXIES="127.0.0.9",
    )
    with running(stack, "--port", free_ports(1)):
        yield stack


def connected(gateway, address="127.0.0.1", text=b""):
    place = urlsplit(gateway)
    client = socket.create_connection((place.hostname, place.port), timeout=seconds(60), source_address=(address, 0))
    if text:
        client.sendall(text)
    return client


def read(client):
    """The next answer; whatever comes behind it is not read."""
    with client.makefile("rb") as stream:
        return Answer.read(stream)


def is_over(client):
    """Whether the other side has closed it."""
    client.settimeout(0.05)
    try:
        return client.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.fixture
def crowd(system):
    """Opens connections, and closes them at the end."""
    with contextlib.ExitStack() as stack:

        def opened(count, addresses, text=b""):
            clients = [connected(system.gateways[0], addresses[n % len(addresses)], text) for n in range(count)]
            for each in clients:
                stack.callback(each.close)
            return clients

        yield opened
    until(lambda: is_ready(system.gateways[0]), 20)


def test_an_address_has_so_many_connections_and_others_are_not_disturbed(system, crowd):

    def counted():
        return metric(system.run["ops"]["gateway-1"], "orderline_connections")

    before = counted()
    crowd(EACH, ["127.0.0.2"])
    # Several event loops take connections in; the last one in time need not be the last one counted.
    until(lambda: counted() >= before + EACH, 10)
    over = connected(system.gateways[0], "127.0.0.2", b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n")
    answer = read(over)
    assert answer.status == 429 and answer.is_problem("rate-limited")
    assert answer.headers["connection"] == "close" and int(answer.headers["retry-after"]) >= 1
    assert is_ready(system.gateways[0])


def test_connections_that_are_over_leave_nothing(system):
    gateway, pid, ops = system.gateways[0], system.pids["gateway-1"], system.run["ops"]["gateway-1"]

    def come_and_go(count):
        for number in range(count):
            connected(gateway, f"127.0.1.{number % 200}").close()
        until(lambda: metric(ops, "orderline_connections") == 0, 10, "all are gone")
        return resident_bytes(pid)

    before = come_and_go(3000)
    # Each that stayed would hold its channel.
    assert come_and_go(6000) - before < 6000 * 4096


def test_proxies_that_are_trusted_may_have_more(system, crowd):
    clients = crowd(EACH + 5, ["127.0.0.9"], b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n")
    assert {read(each).status for each in clients} == {200}


def test_when_all_places_are_taken_idle_connections_make_room(system, crowd):
    person = system.registered()
    addresses = [f"127.0.1.{n}" for n in range(1, 11)]
    idle = crowd(3 * LIMIT, addresses)
    for _ in range(5):
        # Each on a connection of its own.
        assert requests.get(system.gateways[0] + "/health/live", timeout=seconds(10)).status_code == 200
    assert person.get("/orders").status_code == 200
    assert sum(is_over(each) for each in idle) >= 2 * LIMIT
    # The operator's port has places of its own.
    assert is_ready(system.run["ops"]["gateway-1"])


def test_sockets_that_are_signed_in_do_not_make_room(system, crowd):
    person = system.registered()

    @run_async
    async def story():
        async with Sockets() as sockets:
            client = await sockets.open("websocket", system.gateways[0], person)
            crowd(2 * LIMIT, [f"127.0.2.{n}" for n in range(1, 11)])
            assert await client.call("leaveRoom", {"orderId": str(uuid.uuid4())}, 10) == {}

    story()


def test_a_head_that_does_not_come_to_an_end_is_a_408(system):
    with connected(system.gateways[0], text=b"GET /health/live HTTP/1.1\r\nHo") as client:
        begun = time.monotonic()
        answer = read(client)
        assert 5 < time.monotonic() - begun < 10 + seconds(5)
    assert answer.status == 408 and answer.is_problem("request-timeout")


def test_a_body_byte_by_byte_is_a_408(system):
    head = (
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    )
    with connected(system.gateways[0], text=head.encode()) as client:
        begun = time.monotonic()
        client.settimeout(2)
        got = b""
        while not got and time.monotonic() - begun < 30 + seconds(10):
            client.sendall(b" ")
            with contextlib.suppress(TimeoutError):
                got = client.recv(65536)
        assert got.startswith(b"HTTP/1.1 408 "), got
        assert b"request-timeout" in got and time.monotonic() - begun > 25


class FewDescriptors(Stack):
    """A system of whose processes each may have 220 descriptors, and no more."""

    def arguments(self, *more):
        return ["prlimit", "--nofile=220:220", *super().arguments(*more)]


def test_few_descriptors_leave_enough_for_everything_else(tmp_path):
    system = FewDescriptors(tmp_path / "data", RATE_LIMIT_ENABLED="true")
    with running(system, "--port", free_ports(1)), contextlib.ExitStack() as stack:
        ops = system.run["ops"]["gateway-1"]
        person = system.registered()
        for number in range(300):
            stack.enter_context(connected(system.gateways[0], f"127.0.3.{1 + number % 100}"))
        until(lambda: (metric(ops, "orderline_connections_gave_way") or 0) > 150, 20)
        assert is_ready(ops) and is_ready(system.gateways[0])
        assert person.post("/orders", json={"description": "A desk", "specifications": "oak", "quantity": 1}).ok
