"""Every route of docs/api.md §3 to §5 for the owner, another user, an Admin and nobody, and with a malformed body."""

import uuid
from dataclasses import dataclass

import pytest

from Harness.person import Person, order_body
from Harness.shapes import assert_problem

ACTORS = ("owner", "other", "admin", "anonymous")


@dataclass(frozen=True)
class Row:
    """One operation, and the status each actor must get, in the order of ACTORS."""

    method: str
    path: str
    statuses: tuple
    body: dict | None = None

    def __str__(self):
        return f"{self.method} {self.path}"


ROWS = [
    Row("GET", "/users/me", (200, 200, 200, 401)),
    Row("PATCH", "/users/me", (200, 200, 200, 401), {"name": "New Name"}),
    Row("GET", "/users", (403, 403, 200, 401)),
    Row("GET", "/users/{victim}", (403, 403, 200, 401)),
    Row("PATCH", "/users/{victim}", (403, 403, 200, 401), {"disabled": True}),
    Row("DELETE", "/users/{victim}", (403, 403, 204, 401)),
    Row("DELETE", "/users/{victim}/sessions", (403, 403, 204, 401)),
    Row("GET", "/auth/sessions", (200, 200, 200, 401)),
    Row("DELETE", "/auth/sessions/{unknown}", (404, 404, 404, 401)),
    Row("POST", "/auth/password", (400, 400, 400, 401), {"currentPassword": "wrong one", "newPassword": "long enough"}),
    Row("POST", "/auth/totp", (400, 400, 400, 401), {"currentPassword": "wrong one"}),
    Row("POST", "/auth/totp/confirm", (400, 400, 400, 401), {"code": "000000"}),
    Row("DELETE", "/auth/totp", (400, 400, 400, 401), {"currentPassword": "wrong one", "code": "000000"}),
    Row("POST", "/orders", (201, 201, 403, 401), order_body()),
    Row("GET", "/orders", (200, 200, 200, 401)),
    Row("GET", "/orders?ownerId={owner}", (403, 403, 200, 401)),
    Row("GET", "/orders/stats", (403, 403, 200, 401)),
    Row("GET", "/orders/{order}", (200, 403, 200, 401)),
    Row("PATCH", "/orders/{order}", (200, 403, 403, 401), {"quantity": 7}),
    Row("PATCH", "/orders/{order}/status", (403, 403, 409, 401), {"status": "Completed"}),
    Row("GET", "/orders/{order}/history", (200, 403, 200, 401)),
    Row("GET", "/chat/rooms", (200, 200, 200, 401)),
    Row("GET", "/chat/rooms/{order}", (200, 403, 200, 401)),
    Row("GET", "/chat/rooms/{order}/messages", (200, 403, 200, 401)),
    Row("GET", "/chat/rooms/{order}/transcript", (200, 403, 200, 401)),
    Row("POST", "/chat/rooms/{order}/messages", (201, 403, 201, 401), {"content": "Hello"}),
    Row("POST", "/chat/rooms/{order}/read", (204, 403, 204, 401), {"seq": 1}),
    Row("GET", "/chat/rooms/{order}/reads", (200, 403, 200, 401)),
    Row("POST", "/chat/rooms/{order}/close", (403, 403, 200, 401), {"summary": "Done"}),
]

# Who is given the malformed bodies: somebody the operation is for.
SPEAKER = {"/orders/{order}": "owner", "/orders": "owner", "/users/me": "owner", "/auth/password": "owner"}
CODES = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    409: "invalid-status-transition",
    400: "validation-failed",
}


@pytest.fixture(scope="module")
def cast(gateway, make_user, make_admin):
    return {"owner": make_user(), "other": make_user(), "admin": make_admin(), "anonymous": Person(gateway)}


@pytest.fixture(scope="module")
def victim(make_user):
    """Somebody to be changed: made anew after each time an Admin was allowed to."""
    kept = []

    def current(used_up):
        if not kept:
            kept.append(make_user().id)
        return kept.pop() if used_up else kept[0]

    return current


def place(row, cast, victim, used_up=False, **given):
    """The row's path with a new order, so that no case can disturb another."""
    values = {"unknown": uuid.uuid4(), "owner": cast["owner"].id}
    if "{order}" in row.path and "order" not in given:
        values["order"] = cast["owner"].create_order()["id"]
    if "{victim}" in row.path and "victim" not in given:
        values["victim"] = victim(used_up)
    return row.path.format(**{**values, **given})


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_actor_gets_what_the_table_says(cast, victim, row, actor):
    wanted = row.statuses[ACTORS.index(actor)]
    path = place(row, cast, victim, used_up=wanted < 300 and row.method in ("PATCH", "DELETE"))
    answer = cast[actor].request(row.method, path, json=row.body)
    if wanted >= 400:
        assert_problem(answer, wanted, CODES[wanted])
    assert answer.status_code == wanted, answer.text


WITH_BODY = [row for row in ROWS if row.body]


@pytest.mark.parametrize("row", WITH_BODY, ids=str)
def test_each_operation_refuses_a_malformed_body(cast, victim, row):
    speaker = cast[SPEAKER.get(row.path, "admin")]
    path = place(row, cast, victim)
    assert_problem(speaker.send_raw(row.method, path, b'{"a":'), 400, "malformed-json")
    assert_problem(speaker.send_raw(row.method, path, b"{}", "text/plain"), 415, "unsupported-media-type")
    unknown = {**row.body, "colour": "red"}
    assert_problem(speaker.request(row.method, path, json=unknown), 400, "validation-failed", "colour")


@pytest.mark.parametrize(
    "path, body",
    [
        ("/auth/register", {"name": "Ann Tester", "email": "x@example.com", "password": "long enough"}),
        ("/auth/login", {"email": "x@example.com", "password": "long enough"}),
        ("/auth/refresh", {"refreshToken": "x"}),
        ("/auth/logout", {"refreshToken": "x"}),
    ],
)
def test_each_operation_for_anyone_refuses_a_malformed_body(anonymous, path, body):
    assert_problem(anonymous.send_raw("POST", path, b'{"a":'), 400, "malformed-json")
    assert_problem(anonymous.send_raw("POST", path, b"{}", "text/plain"), 415, "unsupported-media-type")
    assert_problem(anonymous.post(path, json={**body, "colour": "red"}), 400, "validation-failed", "colour")


WITH_ID = [row for row in ROWS if "{order}" in row.path or "{victim}" in row.path]


@pytest.mark.parametrize("row", WITH_ID, ids=str)
def test_each_operation_on_one_thing_refuses_a_bad_and_an_unknown_id(cast, victim, row):
    speaker = cast[SPEAKER.get(row.path, "admin")]
    for bad in ("not-an-id", "42", "01890000-0000-7000-8000-00000000000g"):
        answer = speaker.request(row.method, row.path.format(order=bad, victim=bad), json=row.body)
        assert_problem(answer, 400, "invalid-id")
    nobody = str(uuid.uuid4())
    answer = speaker.request(row.method, row.path.format(order=nobody, victim=nobody), json=row.body)
    assert_problem(answer, 404, "not-found")


def test_logging_out_needs_a_session(anonymous):
    assert_problem(anonymous.post("/auth/logout"), 401, "unauthenticated")
