"""Whoever sends without being asked does not make a process grow: what nobody reads stays with its sender."""

import contextlib
import socket
import time
from urllib.parse import urlsplit

import pytest

from Harness.person import Person, ok

HOST = b"Host: localhost\r\n"
SENT = 100 * 1024 * 1024
GROWTH = 12 * 1024 * 1024
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

REQUESTS = {
    "upgrade to something": b"GET /health/live HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: foo\r\n\r\n",
    "upgrade to h2c": b"GET /health/live HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "upgrade where nothing is": b"GET /nowhere HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "upgrade of a POST": b"POST /api/v1/auth/login HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: foo\r\nContent-Length: 0\r\n\r\n",
    "connect": b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a handshake without a version": b"GET /ws HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "a refused handshake": b"GET /ws HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer x\r\n"
    + KEY
    + b"\r\n",
    "a handshake": b"GET /ws HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: websocket\r\n" + KEY + b"\r\n",
    "an engine's handshake": b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    + HOST
    + b"Connection: upgrade\r\nUpgrade: websocket\r\n"
    + KEY
    + b"\r\n",
    "a body nobody reads": b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % SENT,
    "a body of one who is not signed in": b"POST /api/v1/orders HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % SENT,
    "chunks without end": b"POST /api/v1/auth/login HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n7ffffff\r\n",
    "a line without end": b"GET /",
    "a field without end": b"GET /health/live HTTP/1.1\r\n" + HOST + b"X: ",
    "nothing of HTTP": b"\x16\x03\x01",
}


def resident(pid):
    """What the process has of the machine's memory, in bytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))


def pour(address, head, piece=b"x" * 65536, total=SENT):
    """Sends `total` bytes behind the head, or as much as is taken within a second; returns the open connection."""
    connection = socket.create_connection(address, timeout=0.25)
    sent, deadline = 0, time.monotonic() + 1
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
        connection.sendall(head)
        while sent < total and time.monotonic() < deadline:
            connection.sendall(piece)
            sent += len(piece)
    return connection


def doors(stack):
    now = stack.run
    return [
        ("gateway", urlsplit(now["gateways"][0]), now["pids"]["gateway-1"]),
        ("operator's port", urlsplit(now["ops"]["gateway-1"]), now["pids"]["gateway-1"]),
        ("another operator's port", urlsplit(now["ops"]["chat-1"]), now["pids"]["chat-1"]),
    ]


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("door", [0, 1, 2], ids=["gateway", "operator", "operator of another"])
def test_what_stands_behind_a_request_is_not_kept(stack, door, name):
    _, url, pid = doors(stack)[door]
    address = (url.hostname, url.port)
    pour(address, REQUESTS[name], total=1024 * 1024).close()
    before = resident(pid)
    with contextlib.closing(pour(address, REQUESTS[name])):
        grown = resident(pid) - before
    assert grown < GROWTH, f"{grown >> 20} MiB"


def test_requests_that_nobody_takes_the_answers_of_are_not_answered(stack):
    _, url, pid = doors(stack)[0]
    request = (b"GET /problems/not-found HTTP/1.1\r\n" + HOST + b"\r\n") * 1000
    address = (url.hostname, url.port)
    pour(address, b"", request, 1024 * 1024).close()
    before = resident(pid)
    with contextlib.closing(pour(address, b"", request)):
        assert resident(pid) - before < GROWTH
    ok(Person(stack.run["gateways"][0]).get("/health/live", prefix=""))


def test_bytes_that_come_while_a_token_is_checked_wait(stack, user):
    """A handshake whose caller must be asked for: what comes behind it is not read until it is decided."""
    _, url, pid = doors(stack)[0]
    head = (
        b"GET /ws HTTP/1.1\r\n"
        + HOST
        + b"Connection: upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer "
        + user.token.encode()
        + b"\r\n"
        + KEY
        + b"\r\n"
    )
    before = resident(pid)
    with contextlib.closing(pour((url.hostname, url.port), head)):
        assert resident(pid) - before < GROWTH
