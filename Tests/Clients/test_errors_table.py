"""The codes of docs/api.md §2.2: every code is produced, in the documented shape."""

import uuid

import pytest

from Harness.person import Person, ok, order_body, unique_email
from Harness.shapes import assert_problem
from Harness.waiting import until

TABLE = {
    "malformed-json": 400,
    "validation-failed": 400,
    "invalid-id": 400,
    "invalid-cursor": 400,
    "unauthenticated": 401,
    "token-expired": 401,
    "invalid-credentials": 401,
    "invalid-refresh-token": 401,
    "second-factor-required": 401,
    "forbidden": 403,
    "account-disabled": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "request-timeout": 408,
    "payload-too-large": 413,
    "unsupported-media-type": 415,
    "uri-too-long": 414,
    "expectation-failed": 417,
    "header-fields-too-large": 431,
    "email-taken": 409,
    "room-closed": 409,
    "order-not-editable": 409,
    "invalid-status-transition": 409,
    "idempotency-in-progress": 409,
    "forbidden-self-change": 409,
    "too-many-rooms": 409,
    "version-mismatch": 412,
    "idempotency-key-reused": 422,
    "too-many-attempts": 429,
    "internal": 500,
    "service-unavailable": 503,
    "upstream-timeout": 504,
}

# Where the others are produced, or why they are not.
ELSEWHERE = {
    "token-expired": "test_token_expiry.py",
    "second-factor-required": "test_second_factor.py",
    "idempotency-in-progress": "below, by racing",
    "uri-too-long": "test_http_framing.py",
    "expectation-failed": "test_http_framing.py",
    "header-fields-too-large": "test_http_framing.py",
    "request-timeout": "test_connections.py",
    "too-many-rooms": "SocketCommandsTests.swift: a thousand rooms take a while",
    "service-unavailable": "test_failures.py",
    "upstream-timeout": "test_failures.py",
    "internal": "nothing a client does may cause it",
}


def closed(t):
    order = t.user.create_order()["id"]
    t.admin.close(order)
    return order


def disabled(t):
    ok(t.admin.patch(f"/users/{t.user.id}", json={"disabled": True}))
    return t.anonymous.post("/auth/login", json={"email": t.user.email, "password": t.user.password})


def not_editable(t):
    order = t.user.closed_order(t.admin)["id"]
    return t.user.patch(f"/orders/{order}", json={"quantity": 2})


def reused(t):
    key = {"Idempotency-Key": uuid.uuid4().hex}
    ok(t.user.post("/orders", json=order_body(), headers=key), 201)
    return t.user.post("/orders", json=order_body(quantity=2), headers=key)


def too_many(t):
    wrong = {"email": unique_email(), "password": "long enough"}
    for _ in range(10):
        assert_problem(t.anonymous.post("/auth/login", json=wrong), 401, "invalid-credentials")
    return t.anonymous.post("/auth/login", json=wrong)


PRODUCED = {
    "malformed-json": lambda t: t.user.send_raw("POST", "/orders", b"{"),
    "validation-failed": lambda t: t.user.post("/orders", json={}),
    "invalid-id": lambda t: t.user.get("/orders/42"),
    "invalid-cursor": lambda t: t.user.get("/orders?cursor=!"),
    "unauthenticated": lambda t: t.anonymous.get("/orders"),
    "invalid-credentials": lambda t: t.anonymous.post(
        "/auth/login", json={"email": unique_email(), "password": "long enough"}
    ),
    "invalid-refresh-token": lambda t: t.anonymous.post("/auth/refresh", json={"refreshToken": "nonsense"}),
    "forbidden": lambda t: t.user.get("/users"),
    "account-disabled": disabled,
    "not-found": lambda t: t.user.get(f"/orders/{uuid.uuid4()}"),
    "method-not-allowed": lambda t: t.user.delete("/orders"),
    "not-acceptable": lambda t: t.user.get(
        f"/chat/rooms/{t.user.create_order()['id']}/transcript", headers={"Accept": "text/html"}
    ),
    "payload-too-large": lambda t: t.user.send_raw("POST", "/orders", b" " * 262145),
    "unsupported-media-type": lambda t: t.user.send_raw("POST", "/orders", b"{}", "text/plain"),
    "email-taken": lambda t: t.anonymous.post(
        "/auth/register", json={"name": "Ann Again", "email": t.user.email, "password": "long enough"}
    ),
    "room-closed": lambda t: t.user.post(f"/chat/rooms/{closed(t)}/messages", json={"content": "late"}),
    "order-not-editable": not_editable,
    "invalid-status-transition": lambda t: t.admin.complete(t.user.create_order()["id"]),
    "forbidden-self-change": lambda t: t.admin.patch(f"/users/{t.admin.id}", json={"role": "Regular"}),
    "version-mismatch": lambda t: t.user.patch(
        f"/orders/{t.user.create_order()['id']}", json={"quantity": 2}, headers={"If-Match": '"999"'}
    ),
    "idempotency-key-reused": reused,
    "too-many-attempts": too_many,
}


class Cast:
    """The people an error is produced with."""

    def __init__(self, user, admin):
        self.user, self.admin, self.anonymous = user, admin, Person(user.base)


def test_no_code_of_the_table_is_forgotten():
    assert set(PRODUCED) | set(ELSEWHERE) == set(TABLE) and not set(PRODUCED) & set(ELSEWHERE)


@pytest.mark.parametrize("code", PRODUCED)
def test_the_code_is_produced_in_the_documented_shape(user, admin, code):
    assert_problem(PRODUCED[code](Cast(user, admin)), TABLE[code], code)


def test_a_repeat_while_the_first_is_running_is_told_so(user, other_gateway, together):
    """A race: it is tried until a repeat falls into the first one's time."""

    def race():
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        people = [user.at(base) for base in (user.base, other_gateway) for _ in range(6)]
        answers = together(*[lambda p=p: p.post("/orders", json=order_body(), headers=headers) for p in people])
        return [a for a in answers if a.status_code != 201]

    for answer in until(race, 30):
        assert_problem(answer, 409, "idempotency-in-progress")


def test_the_same_request_id_stands_in_the_problem_and_the_header(anonymous):
    answer = anonymous.get("/orders", headers={"X-Request-Id": "my-own-id"})
    assert assert_problem(answer, 401, "unauthenticated")["requestId"] == "my-own-id"


def test_a_problem_shows_nothing_of_what_was_sent_as_a_secret(anonymous):
    secret = uuid.uuid4().hex
    login = {"email": unique_email(), "password": secret}
    answers = [
        anonymous.post("/auth/login", json=login),
        anonymous.post("/auth/register", json={"password": secret}),
        anonymous.get("/orders", headers={"Authorization": f"Bearer {secret}"}),
    ]
    for answer in answers:
        assert answer.status_code in (400, 401) and secret not in answer.text, answer.text
