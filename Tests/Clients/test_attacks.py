"""Attacks on the public door, from other addresses, with a well-behaved user beside them.

With ORDERLINE_LONG=1 each goes on for a minute, which tells something with programs that are built for release
(ORDERLINE_PROGRAMS).
"""

import contextlib
import http.client
import json
import multiprocessing
import os
import socket
import time
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from Harness.person import Person, ok, unique_email
from Harness.ports import free_ports
from Harness.processes import resident_bytes
from Harness.stack import FIRST_ADMIN, Stack, running

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

LONG = os.environ.get("ORDERLINE_LONG") == "1"
SECONDS = 60 if LONG else 2
# Of each connection that is let in, and of what a process takes up by and by. Bytes.
EACH, REST = 48 * 1024, 64 << 20
CONNECTIONS = 4000

SLOW = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"
SOCKET = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# Answers of some kilobytes each, asked for all at once.
UNREAD = b"GET /problems/validation-failed HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n" * 200


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    data = tmp_path_factory.mktemp("attacks") / "data"
    stack = Stack(data, **FIRST_ADMIN, RATE_LIMIT_ENABLED="true", MAX_CONNECTIONS=str(CONNECTIONS))
    with running(stack, "--port", free_ports(1)):
        yield stack


FORK = multiprocessing.get_context("fork")


class Attack:
    """Runs in a process of its own until the block ends: in this one it would keep the person waiting.

    It takes what processor time is left over, since an attacker has processors elsewhere.
    """

    def __init__(self, stack, network):
        self.place, self.network = urlsplit(stack.gateways[0]), network
        self.over, self.told = FORK.Event(), FORK.SimpleQueue()
        self.statuses = set()
        self.parent = os.getpid()

    @property
    def goes_on(self):
        return not self.over.is_set() and os.getppid() == self.parent

    def connect(self, number, text=b""):
        source = (f"127.0.{self.network}.{10 + number % 60}", 0)
        client = socket.create_connection((self.place.hostname, self.place.port), 5, source)
        if text:
            client.sendall(text)
        return client

    def holding(self, text, drip=b""):
        """Opens connections as fast as it can, keeps those it gets, and sends a byte on each now and then."""
        held, number = deque(), 0
        while self.goes_on:
            number += 1
            with contextlib.suppress(OSError):
                held.append(self.connect(number, text))
            if drip:
                with contextlib.suppress(OSError):
                    held[number % len(held)].sendall(drip)
            if len(held) > 2 * CONNECTIONS:
                held.popleft().close()
        for each in held:
            each.close()

    def asking(self, method, path, body):
        while self.goes_on:
            source = (f"127.0.{self.network}.1", 0)
            client = http.client.HTTPConnection(self.place.hostname, self.place.port, 5, source)
            with contextlib.suppress(OSError, http.client.HTTPException):
                while self.goes_on:
                    headers = {"Authorization": "Bearer nonsense", "Content-Type": "application/json"}
                    client.request(method, path, body(), headers)
                    answer = client.getresponse()
                    answer.read()
                    self.statuses.add(answer.status)
            client.close()

    @contextlib.contextmanager
    def going_on(self, work, *arguments):
        def run():
            # Processors are shared out by sessions, each by its own niceness (sched(7), "The autogroup feature").
            os.setsid()
            with contextlib.suppress(OSError):
                Path("/proc/self/autogroup").write_text("19")
            os.nice(19)
            work(*arguments)
            self.told.put(self.statuses)

        process = FORK.Process(target=run)
        process.start()
        try:
            yield self
        finally:
            self.over.set()
            self.statuses = self.told.get()
            process.join()


def wrong_sign_in():
    return json.dumps({"email": unique_email(), "password": "not the password"})


ATTACKS = {
    "connections that say nothing": lambda attack: attack.going_on(attack.holding, b""),
    "bodies that come a byte at a time": lambda attack: attack.going_on(attack.holding, SLOW, b" "),
    "sockets that nobody signs in": lambda attack: attack.going_on(attack.holding, SOCKET),
    "answers that nobody reads": lambda attack: attack.going_on(attack.holding, UNREAD),
    "a flood of bad tokens": lambda attack: attack.going_on(attack.asking, "GET", "/api/v1/users/me", lambda: None),
    "a flood of wrong sign-ins": lambda attack: attack.going_on(
        attack.asking, "POST", "/api/v1/auth/login", wrong_sign_in
    ),
}


def behaving(person, path):
    """What a person does who reads an order now and then: the seconds that each answer took, the slowest last."""
    place, took = urlsplit(person.base), []
    client = http.client.HTTPConnection(place.hostname, place.port, 30)
    headers = {"Authorization": f"Bearer {person.token}"}
    for _ in range(SECONDS * 15):
        begun = time.perf_counter()
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        answer.read()
        took.append(time.perf_counter() - begun)
        assert answer.status == 200, answer.status
        time.sleep(1 / 15)  # noqa: TID251 the pace of a person
    client.close()
    return sorted(took)


@pytest.mark.parametrize("name", ATTACKS)
def test_somebody_who_behaves_notices_nothing(stack, name):
    person = stack.registered()
    order = {"description": "A desk", "specifications": "oak", "quantity": 1}
    path = f"/api/v1/orders/{ok(person.post('/orders', json=order), 201)['id']}"
    alone = behaving(person, path)
    gateway = stack.pids["gateway-1"]
    before = resident_bytes(gateway)
    attack = Attack(stack, 10 + list(ATTACKS).index(name))
    with ATTACKS[name](attack):
        under = behaving(person, path)
        grown = resident_bytes(gateway) - before
    assert grown < CONNECTIONS * EACH + REST, f"{grown >> 20} MiB more"
    if "flood" in name:
        assert attack.statuses == {401, 429}
    slowest = [each[int(len(each) * 0.99)] * 1000 for each in (alone, under)]
    print(f"{name}: p99 {slowest[0]:.1f} ms alone, {slowest[1]:.1f} ms beside it, {grown >> 20} MiB more")
    # In two seconds there are too few answers for a slowest hundredth.
    assert not LONG or slowest[1] <= 2 * slowest[0]
    ok(Person(person.base, person.token).get("/users/me"))
