"""docs/api.md §1.9: which origins may read the answers."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

EXPOSED = {
    "etag",
    "location",
    "retry-after",
    "x-request-id",
    "ratelimit",
    "ratelimit-policy",
    "idempotency-replayed",
}
TRACING = {"traceparent", "tracestate", "baggage", "sentry-trace"}


def preflight(api, origin, method="PATCH"):
    return api.request(
        "OPTIONS",
        "/users/me",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,if-match,idempotency-key",
        },
    )


def test_a_listed_origin_may_send_credentials_and_read_the_documented_headers(user, cors_origin):
    answer = user.get("/users/me", headers={"Origin": cors_origin})
    assert answer.headers.get("Access-Control-Allow-Origin") == cors_origin, answer.headers
    assert answer.headers.get("Access-Control-Allow-Credentials") == "true"
    exposed = {name.strip().lower() for name in answer.headers.get("Access-Control-Expose-Headers", "").split(",")}
    assert exposed == EXPOSED, exposed


def test_a_listed_origin_gets_its_preflight(anonymous, cors_origin):
    answer = preflight(anonymous, cors_origin)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers.get("Access-Control-Allow-Origin") == cors_origin, answer.headers
    assert answer.headers.get("Access-Control-Allow-Credentials") == "true"
    assert "PATCH" in answer.headers.get("Access-Control-Allow-Methods", "")
    allowed = {name.strip().lower() for name in answer.headers.get("Access-Control-Allow-Headers", "").split(",")}
    assert {"authorization", "content-type", "if-match", "idempotency-key"} | TRACING <= allowed, allowed


def test_a_listed_origin_can_read_refusals(anonymous, cors_origin):
    answer = anonymous.get("/users/me", headers={"Origin": cors_origin})
    assert answer.status_code == 401 and answer.headers.get("Access-Control-Allow-Origin") == cors_origin


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_another_origin_is_allowed_nothing(user, anonymous, origin):
    for answer in (user.get("/users/me", headers={"Origin": origin}), preflight(anonymous, origin)):
        assert "Access-Control-Allow-Origin" not in answer.headers, answer.headers
        assert answer.status_code < 500, answer.text


def exchange(gateway, raw):
    """Sends the bytes on a connection of their own and reads one answer."""
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer


LONG = b"x" * 20_000
LINE = b"GET /api/v1/users/me HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (431, LINE, b"X: " + LONG + b"\r\n\r\n"),
        (431, LINE + b"X: " + LONG + b"\r\n", b"\r\n"),
        (414, b"GET /" + LONG + b" HTTP/1.1\r\nHost: h\r\n", b"\r\n"),
        (417, LINE + b"Expect: wonders\r\n", b"\r\n"),
        (400, LINE, b"Bad Field: x\r\n\r\n"),
        (400, b"POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n", b"\r\nno\r\n"),
        (413, b"POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n", b"\r\n"),
        (404, b"GET /nowhere HTTP/1.1\r\nHost: h\r\n", b"\r\n"),
        (405, b"PUT /api/v1/users/me HTTP/1.1\r\nHost: h\r\n", b"\r\n"),
        (400, b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n", b"\r\n"),
        (400, b"GET /socket.io/?EIO=4&transport=polling&sid=none HTTP/1.1\r\nHost: h\r\n", b"\r\n"),
    ],
)
def test_every_refusal_can_be_read_by_a_listed_origin_wherever_it_is_made(gateway, cors_origin, status, before, after):
    for origin in (cors_origin, "https://elsewhere.example"):
        answer = exchange(gateway, before + b"Origin: " + origin.encode() + b"\r\n" + after)
        # A page of another site is let to no door, whatever else is wrong.
        assert answer.status == status or (answer.status == 403 and origin != cors_origin), answer.status
        allowed = answer.getheader("Access-Control-Allow-Origin")
        assert allowed == (origin if origin == cors_origin else None), answer.getheaders()
        assert answer.getheader("Vary") == "Origin"


OPENING = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (b"shop.example", b"http://shop.example", 200),
        (b"shop.example:80", b"http://SHOP.example", 200),
        (b"shop.example", b"http://shop.example:80", 200),
        (b"[::1]:8000", b"http://[0::1]:8000", 200),
        (b"shop.example:443", b"http://shop.example:443", 200),
        (b"shop.example:443", b"https://shop.example", 403),
        (b"shop.example", b"https://shop.example", 403),
        (b"shop.example:81", b"http://shop.example", 403),
        (b"shop.example", b"", 403),
        (b"shop.example", b"null", 403),
        (b"shop.example", b"http://shop.example\r\nOrigin: http://shop.example", 403),
    ],
)
def test_a_door_opens_for_the_own_origin_as_browsers_compare_it(gateway, host, origin, status):
    answer = exchange(gateway, OPENING % host + b"Origin: " + origin + b"\r\n\r\n")
    assert answer.status == status, answer.getheaders()


def test_an_answered_poll_has_the_headers_too(gateway, cors_origin):
    origin = b"Origin: " + cors_origin.encode() + b"\r\n\r\n"
    answer = exchange(gateway, OPENING % b"h" + origin)
    assert answer.status == 200 and answer.getheader("Access-Control-Allow-Origin") == cors_origin
