"""docs/api.md §1.8: where one request ends and the next begins, and what becomes of a connection.

Each case is bytes on a connection of their own, followed by one more request. Either the case is answered and the
request behind it as well, or the case is answered and the connection closed: never a second answer, never a byte
between two answers, never an answer to what stood in a body.
"""

import socket
import time
from urllib.parse import urlsplit

import pytest

from framing_cases import AFTER, CLOSED, KEPT, LIVE, SMUGGLED, chunked, get, post
from Harness.wire import Answer, exchange, read_answers


def check(gateway, raw, status, code, is_kept, may_be_early=False, **how):
    """`may_be_early`: the route may have answered before the fault has come, which then only ends the connection."""
    answers = exchange(gateway, raw + AFTER if is_kept else raw + SMUGGLED + AFTER, **how)
    shown = [(a.status, a.headers.get("x-request-id")) for a in answers]
    final = [a for a in answers if a.status >= 200]
    assert all(a.headers.get("x-request-id") != "smuggled" for a in answers), shown
    assert len(final) == (2 if is_kept else 1), shown
    first = final[0]
    if may_be_early and first.status == 200:
        return
    assert first.status == status, (shown, first.body)
    if code:
        assert first.is_problem(code), (first.headers, first.body)
    options = [o.strip().lower() for o in first.headers.get("connection", "").split(",")]
    assert ("close" in options) == (not is_kept), first.headers
    if is_kept:
        assert final[1].status == 200 and final[1].headers["x-request-id"] == "after", shown
        assert ("keep-alive" in options) == (b"HTTP/1.0" in raw), first.headers
    if status == 405:
        assert first.headers.get("allow"), first.headers


def ids(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize("name, raw, status, code", KEPT, ids=ids(KEPT))
def test_a_request_that_can_be_framed_leaves_the_connection_in_step(gateway, name, raw, status, code):
    check(gateway, raw, status, code, True)


@pytest.mark.parametrize("name, raw, status, code", CLOSED, ids=ids(CLOSED))
def test_a_request_that_ends_its_connection_is_answered_once(gateway, name, raw, status, code):
    check(gateway, raw, status, code, False)


@pytest.mark.parametrize("size", [1, 7])
def test_it_makes_no_difference_how_the_bytes_are_cut(gateway, size):
    for _name, raw, status, code in KEPT:
        if len(raw) < 400:
            check(gateway, raw, status, code, True, size=size)
    for _name, raw, status, code in CLOSED:
        if len(raw) < 400:
            has_body = not raw.endswith(b"\r\n\r\n")
            check(gateway, raw, status, code, False, may_be_early=has_body, size=size)


def test_every_case_is_answered_behind_an_earlier_request_and_never_before_it(gateway):
    """What is refused without a look at its path is refused after what came before it, too."""
    before = get(path=b"/problems/not-found") + post(b"Content-Length: 2")
    for name, raw, status, _code in CLOSED:
        if len(raw) > 2000:
            continue
        methods = [b"GET", b"POST", raw.lstrip().split(b" ")[0]]
        answers = [a for a in exchange(gateway, before + raw + SMUGGLED + AFTER, methods=methods) if a.status >= 200]
        assert [a.status for a in answers] == [200, 400, status], (name, [a.status for a in answers])
        assert answers[1].is_problem("validation-failed"), name


def test_a_hundred_requests_in_one_piece_are_answered_in_order(gateway):
    raw = b"".join(get(b"X-Request-Id: n%d" % n, method=[b"GET", b"HEAD", b"FOO"][n % 3]) for n in range(100))
    answers = exchange(gateway, raw + AFTER, methods=[[b"GET", b"HEAD", b"FOO"][n % 3] for n in range(100)])
    assert [a.headers["x-request-id"] for a in answers] == [f"n{n}" for n in range(100)] + ["after"]


def test_100_continue_is_sent_when_the_body_is_wanted_and_only_then(gateway, user):
    target = urlsplit(gateway)
    token = b"Authorization: Bearer " + user.token.encode()
    body = b'{"description":"x","specifications":"y","quantity":1}'
    wanted = [b"Content-Length: %d" % len(body), b"Expect: 100-continue"]
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        for _ in range(2):
            connection.sendall(post(*wanted, token, path=b"/api/v1/orders", body=b""))
            begun = time.monotonic()
            assert stream.readline() == b"HTTP/1.1 100 Continue\r\n" and stream.readline() == b"\r\n"
            assert time.monotonic() - begun < 0.9
            connection.sendall(body)
            assert Answer.read(stream, b"POST").status == 201
    # Nobody wants the body of one who is not signed in, nor where nothing is: the answer comes at once.
    for path, status in [(b"/api/v1/orders", 401), (b"/nowhere", 404)]:
        answers = exchange(gateway, post(*wanted, path=path, body=b""))
        assert [a.status for a in answers] == [status], answers
        assert answers[0].headers["connection"] == "close"


def test_a_body_that_nobody_reads_is_passed_over(gateway):
    """Head and body in pieces, as most clients send them; the answer may come before the body."""
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        for path, status in [(b"/nowhere", 404), (b"/api/v1/orders", 401), (LIVE, 405)]:
            connection.sendall(post(b"Content-Length: 30000", path=path, body=b""))
            assert Answer.read(stream, b"POST").status == status
            connection.sendall(SMUGGLED.ljust(30000))
        connection.sendall(AFTER)
        rest = read_answers(stream.read(), [b"GET"])
        assert [(a.status, a.headers["x-request-id"]) for a in rest] == [(200, "after")]


def test_a_body_may_come_long_after_its_head(gateway, user):
    target = urlsplit(gateway)
    body = b'{"description":"x","specifications":"y","quantity":1}'
    for framing, pieces in [
        (b"Content-Length: %d" % len(body), [body[:10], body[10:]]),
        (b"Transfer-Encoding: chunked", [b"%x\r\n" % len(body) + body[:9], body[9:] + b"\r", b"\n0\r\n\r", b"\n"]),
    ]:
        with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
            connection.sendall(
                post(framing, b"Authorization: Bearer " + user.token.encode(), path=b"/api/v1/orders", body=b"")
            )
            for piece in pieces:
                time.sleep(0.05)  # noqa: TID251 the pace of a slow client
                connection.sendall(piece)
            assert Answer.read(connection.makefile("rb"), b"POST").status == 201


def test_half_a_request_is_not_answered_when_its_client_leaves(gateway):
    for raw in [get()[:-2], b"GET /hea", post(b"Content-Length: 20")]:
        answers = exchange(gateway, raw, shut=True)
        assert len([a for a in answers if a.status < 400]) == 0, answers


def test_a_client_that_stops_sending_still_gets_its_answers(gateway):
    assert [a.status for a in exchange(gateway, get() + get(path=b"/nowhere"), shut=True)] == [200, 404]


@pytest.mark.parametrize(
    "limit, method, path",
    [
        (65536, b"POST", b"/api/v1/auth/login"),
        (262144, b"POST", b"/api/v1/orders"),
        (262144, b"PATCH", b"/api/v1/orders/%s"),
    ],
)
def test_the_bound_on_bodies_is_exact(gateway, user, limit, method, path):
    if b"%s" in path:
        path %= user.create_order()["id"].encode()
    token = b"Authorization: Bearer " + user.token.encode()
    body = b'{"description":"x"}'.ljust(limit)
    for framing in ["length", "chunks"]:
        for size, is_too_large in [(limit, False), (limit + 1, True)]:
            raw = body.ljust(size)
            if framing == "length":
                raw = post(b"Content-Length: %d" % size, token, path=path, body=raw)
            else:
                raw = chunked(
                    b"%x\r\n" % 1000 + raw[:1000] + b"\r\n%x\r\n" % (size - 1000) + raw[1000:] + b"\r\n0\r\n\r\n",
                    token,
                    path=path,
                )
            answer = exchange(gateway, raw.replace(b"POST", method, 1) + AFTER)[0]
            assert (answer.status == 413) == is_too_large, (framing, size, answer.status, answer.body)
            assert not is_too_large or answer.is_problem("payload-too-large")
