"""docs/api.md §1: what every request and answer has in common."""

import json

import pytest

from Harness.person import all_pages, ok, order_body
from Harness.shapes import UUID7, assert_problem, assert_security_headers

LONG_ID = "x" * 128


# Request ids


@pytest.mark.parametrize("value", ["a", "req-42", "~!@#$%^&*()_+{}|:<>?", LONG_ID])
def test_a_request_id_of_visible_ascii_is_kept(user, value):
    assert user.get("/users/me", headers={"X-Request-Id": value}).headers["X-Request-Id"] == value


@pytest.mark.parametrize("value", ["", "two words", LONG_ID + "x", "tab\there", "caf\u00e9".encode()])
def test_any_other_request_id_is_replaced(user, value):
    answer = user.get("/users/me", headers={"X-Request-Id": value})
    ok(answer)
    given = answer.headers["X-Request-Id"]
    assert given and given != value and len(given) <= 128 and all(33 <= ord(c) <= 126 for c in given)


def test_requests_without_an_id_get_different_ones(user):
    ids = {user.get("/users/me").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


# Paths, methods, bodies


@pytest.mark.parametrize("path", ["/nowhere", "/orders/a/b/c", "/", "/users/me/more", "/chat", "/auth/nothing"])
def test_an_unknown_path_is_not_found(user, path):
    assert_problem(user.get(path), 404, "not-found")


def test_an_unknown_path_outside_the_api_is_a_problem_too(anonymous):
    answer = anonymous.get("/no/such/page", prefix="")
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("DELETE", "/orders", {"GET", "POST"}),
        ("PUT", "/orders/01890000-0000-7000-8000-000000000000", {"GET", "PATCH"}),
        ("GET", "/auth/login", {"POST"}),
        ("POST", "/users/me", {"GET", "PATCH"}),
        ("DELETE", "/chat/rooms", {"GET"}),
        ("GET", "/chat/rooms/01890000-0000-7000-8000-000000000000/close", {"POST"}),
    ],
)
def test_a_wrong_method_is_answered_with_the_right_ones(user, method, path, allowed):
    answer = user.request(method, path)
    assert_problem(answer, 405, "method-not-allowed")
    assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}, answer.headers


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_refused(user):
    room = f"/chat/rooms/{user.create_order()['id']}/messages"
    message = json.dumps({"content": "x"}).encode()
    ok(user.send_raw("POST", room, message.ljust(65536)), 201)
    assert_problem(user.send_raw("POST", room, message.ljust(65537)), 413, "payload-too-large")


def test_an_order_may_have_256_kib(user):
    body = json.dumps(order_body()).encode()
    order = ok(user.send_raw("POST", "/orders", body.ljust(262144)), 201)
    assert_problem(user.send_raw("POST", "/orders", body.ljust(262145)), 413, "payload-too-large")
    ok(user.send_raw("PATCH", f"/orders/{order['id']}", b'{"quantity":2}'.ljust(262144)))
    assert_problem(
        user.send_raw("PATCH", f"/orders/{order['id']}", b'{"quantity":3}'.ljust(262145)), 413, "payload-too-large"
    )
    path = f"/orders/{order['id']}/status"
    assert_problem(user.send_raw("PATCH", path, b'{"status":"Completed"}'.ljust(65537)), 413, "payload-too-large")


def test_the_largest_order_fits_when_every_character_is_escaped(user):
    def escaped(text):
        return "".join(f"\\u{unit:04x}" for unit in text)

    text = "\u4e2d" * 16384
    body = '{"description":"x","quantity":1,"specifications":"' + escaped([0x4E2D] * 16384) + '"}'
    assert 65536 < len(body) < 262144
    assert ok(user.send_raw("POST", "/orders", body.encode()), 201)["specifications"] == text


def test_the_bound_on_bodies_holds_for_chunked_ones(user):
    chunks = (b" " * 8192 for _ in range(33))
    assert_problem(user.send_raw("POST", "/orders", chunks), 413, "payload-too-large")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "application/xml",
        "nonsense",
        None,
    ],
)
def test_a_body_that_is_not_json_is_an_unsupported_media_type(user, media_type):
    answer = user.send_raw("POST", "/orders", b'{"description":"x","specifications":"y","quantity":1}', media_type)
    assert_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
        "application/vnd.api+json",
    ],
)
def test_json_and_its_relatives_are_read(user, media_type):
    answer = user.send_raw("POST", "/orders", b'{"description":"x","specifications":"y","quantity":1}', media_type)
    ok(answer, 201)


# JSON


@pytest.mark.parametrize(
    "raw",
    [
        b'{"description":',
        b"{",
        b"{'a':1}",
        b'{"a":1,}',
        b"nope",
        b'{"a":NaN}',
        b'{"a":01}',
        b'{"a":1}{"b":2}',
        b'{"a":"\x01"}',
    ],
)
def test_what_is_not_json_is_malformed(user, raw):
    assert_problem(user.send_raw("POST", "/orders", raw), 400, "malformed-json")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"[]",
        b"null",
        b"3",
        b'"text"',
        b"\xff\xfe{}",
        b'{"description":"\xff","specifications":"x","quantity":1}',
        b'{"specifications":' * 3000,
        b"[" * 60000,
        b'{"description":"x","specifications":"y","quantity":1e999}',
    ],
)
def test_other_nonsense_is_the_callers_fault(user, raw):
    answer = user.send_raw("POST", "/orders", raw)
    assert answer.status_code == 400, answer.text
    assert_problem(answer, 400, answer.json()["code"])
    assert answer.json()["code"] in ("malformed-json", "validation-failed")


FULL = b'"specifications":"y","quantity":1'


@pytest.mark.parametrize(
    "raw, field",
    [
        (b'{"description":"x",' + FULL + b',"colour":"red"}', "colour"),
        (b'{"description":"x",' + FULL + b',"ownerId":null}', "ownerId"),
        (b'{"description":"x","description":"z",' + FULL + b"}", "description"),
        (b'{"description":"x","descr\\u0069ption":"z",' + FULL + b"}", "description"),
        (b'{"description":"a\\u0000b",' + FULL + b"}", "description"),
        (b'{"description":"a\\ud800b",' + FULL + b"}", "description"),
        (b'{"description":"a\\udc00\\ud800b",' + FULL + b"}", "description"),
        (b'{"description":"  \\t\\n ",' + FULL + b"}", "description"),
        ('{"description":"\u2003\u00a0",'.encode() + FULL + b"}", "description"),
        (b'{"description":"",' + FULL + b"}", "description"),
        (b'{"description":7,' + FULL + b"}", "description"),
        (b'{"description":null,' + FULL + b"}", "description"),
        (b"{" + FULL + b"}", "description"),
    ],
)
def test_a_field_that_cannot_stand_is_named(user, raw, field):
    assert_problem(user.send_raw("POST", "/orders", raw), 400, "validation-failed", field)


@pytest.mark.parametrize(
    "inner", [b'{"a":1,"a":2}', b'{"a":{"b":1,"b":2}}', b'{"a":"\\u0000"}', b'{"a":"\\udfff"}', b'{"\\u0000":1}']
)
@pytest.mark.parametrize("field", ["specifications", "metadata"])
def test_the_rules_reach_into_the_callers_own_objects(user, field, inner):
    other = b',"specifications":"y"' if field == "metadata" else b""
    raw = b'{"description":"x","quantity":1' + other + b',"' + field.encode() + b'":' + inner + b"}"
    problem = assert_problem(user.send_raw("POST", "/orders", raw), 400, "validation-failed")
    assert any(e["field"].startswith(field) for e in problem["errors"]), problem


def test_an_astral_character_counts_once_and_text_is_kept_as_sent(user):
    text = "  \U0001f469\u200d\U0001f680 e\u0301 <b>&amp;</b> \u202e\n" + "\U0001f600" * 1900
    assert user.create_order(description=text)["description"] == text
    full = "\U0001f600" * 2000
    assert user.order(user.create_order(description=full)["id"])["description"] == full
    assert_problem(
        user.post("/orders", json=order_body(description=full + "x")), 400, "validation-failed", "description"
    )


# Lists


LISTS = ["/orders", "/chat/rooms", "/users"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_items_and_a_cursor(admin, user, path):
    user.create_order()
    page = ok(admin.get(path, params={"limit": 1}))
    assert set(page) == {"items", "nextCursor"} and len(page["items"]) == 1
    assert page["nextCursor"] is None or isinstance(page["nextCursor"], str)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "1.5", "99999999999999999999", ""])
def test_a_limit_outside_1_to_100_is_refused(admin, path, limit):
    assert_problem(admin.get(path, params={"limit": limit}), 400, "validation-failed", "limit")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["!!!", "abc", "AAAA", "\x00", "e30=", "x" * 5000, "\U0001f600"])
def test_a_bad_cursor_is_refused(admin, path, cursor):
    assert_problem(admin.get(path, params={"cursor": cursor}), 400, "invalid-cursor")


def test_pages_have_20_items_unless_asked_and_repeat_nothing_while_the_list_grows(user):
    made = [user.create_order()["id"] for _ in range(25)]
    first = ok(user.get("/orders"))
    assert len(first["items"]) == 20
    user.create_order()
    second = ok(user.get("/orders", params={"cursor": first["nextCursor"]}))
    assert [o["id"] for o in first["items"] + second["items"]] == made[::-1]
    assert second["nextCursor"] is None
    assert len(all_pages(user, "/orders", limit=7)) == 26
    assert len(ok(user.get("/orders", params={"limit": 100}))["items"]) == 26


# Ids and headers


def test_new_ids_are_uuids_of_version_7(user):
    assert UUID7.match(user.id) and UUID7.match(user.create_order()["id"])


def test_api_answers_carry_the_security_headers(user, anonymous):
    order = user.create_order()
    answers = [
        user.get("/users/me"),
        user.get("/nowhere"),
        anonymous.get("/orders"),
        user.delete("/orders"),
        user.get(f"/orders/{order['id']}", headers={"If-None-Match": f'"{order["version"]}"'}),
        user.post(f"/chat/rooms/{order['id']}/read", json={"seq": 0}),
        user.post("/auth/logout"),
    ]
    for answer in answers:
        assert_security_headers(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/orders/%00",
        "/orders/%ff",
        "/orders/%zz",
        "/orders?q=%00",
        "/orders?q=%ff",
        "/orders?limit=%00",
        "/orders?from=%00",
        "/orders/..%2f..%2fusers",
        "/orders?q=%",
        "/chat/rooms?q=%00",
        "/orders/0190a0c0-0000-7000-8000-000000000000%00",
        "/orders?status=%f0%28",
    ],
)
def test_strange_characters_in_a_target_never_break_a_service(user, path):
    answer = user.get(path)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert_problem(answer, answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi", "x" * 5000, "Bearer \u00e9".encode()]
)
def test_a_bad_authorization_header_is_unauthenticated(anonymous, value):
    assert_problem(anonymous.get("/users/me", headers={"Authorization": value}), 401, "unauthenticated")
