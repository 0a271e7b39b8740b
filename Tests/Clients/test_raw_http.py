"""Bytes that no HTTP library would send are refused in the same format as everything else."""

import contextlib
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest

from Harness.person import ok

HOST = b"Host: localhost\r\n"


def exchange(gateway, raw):
    """Sends the bytes on a connection of their own and reads one answer."""
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        # It may be refused before all of it was read; the answer is what counts.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(raw)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer, answer.read()


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /api/v1/users/me\r\n\r\n\r\n",
        b"GET /api/v1/users/me HTTP/x.y\r\n" + HOST + b"\r\n",
        b"GET /api/v1/users/me HTTP/1.1\r\nBad Header: x\r\n" + HOST + b"\r\n",
        b"GET /api/v1/users/me HTTP/1.1\r\n" + HOST + b"X-A: a\x00b\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: abc\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nnot-hex\r\n",
        b"GET /api/v1/users/me HTTP/1.1\r\n" + HOST + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
    ids=[
        "no request line",
        "no version",
        "bad version",
        "space in a name",
        "NUL in a value",
        "length of letters",
        "negative length",
        "two lengths",
        "bad chunk",
        "huge header",
    ],
)
def test_malformed_http_is_answered_with_a_problem(gateway, anonymous, raw):
    answer, body = exchange(gateway, raw)
    assert 400 <= answer.status < 500, (answer.status, body)
    assert answer.getheader("Content-Type", "").startswith("application/problem+json"), (answer.headers, body)
    problem = json.loads(body)
    assert problem["status"] == answer.status and problem["type"] == f"/problems/{problem['code']}", problem
    assert problem["requestId"] == answer.getheader("X-Request-Id"), (problem, answer.headers)
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    ok(anonymous.get("/health/live", prefix=""))


def test_a_connection_that_dies_in_the_middle_of_a_body_hurts_nobody(gateway, user):
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(
            b"POST /api/v1/auth/login HTTP/1.1\r\n"
            + HOST
            + b'Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"email":'
        )
    ok(user.get("/users/me"))


def test_requests_pipelined_on_one_connection_are_answered_in_order(gateway):
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(
            b"".join(b"GET /api/v1/users/me HTTP/1.1\r\n" + HOST + b"X-Request-Id: p%d\r\n\r\n" % n for n in range(5))
        )
        stream = connection.makefile("rb")
        for n in range(5):
            status = stream.readline()
            assert b" 401 " in status, status
            headers = http.client.parse_headers(stream)
            stream.read(int(headers["Content-Length"]))
            assert headers["X-Request-Id"] == f"p{n}"
