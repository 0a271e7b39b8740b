"""Input that once did harm, and the like."""

import asyncio
import base64
import http.client
import json
import uuid

import pytest

from Harness.person import PASSWORD, all_pages, ok, order_body, unique_email
from Harness.shapes import assert_problem
from Harness.sockets import Refused, WsClient, run_async


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["/chat/rooms", "/orders", "/users"])
@pytest.mark.parametrize(
    "text",
    [
        f"{-(2**63)} 01900000-0000-7000-8000-000000000000",
        f"{2**63 - 1} x",
        f"{-(2**63)}",
        f"{2**64}",
        " ",
        "01900000-0000-7000-8000-00000000000g",
        "\0",
    ],
)
def test_a_cursor_of_ones_own_making_is_invalid_and_nothing_stops(stack, admin, path, text):
    pids = dict(stack.run["pids"])
    assert_problem(admin.get(path, params={"cursor": cursor(text)}), 400, "invalid-cursor")
    ok(admin.get(path))
    assert stack.run["pids"] == pids


def test_specifications_are_searched_as_the_text_that_they_are(user):
    quoted = user.create_order(description="Pipe", specifications='5" pipe\nsecond line')["id"]
    plain = user.create_order(description="Hose", specifications="plain")["id"]

    def found(q):
        return [o["id"] for o in ok(user.get("/orders", params={"q": q}))["items"]]

    assert found('5" PIPE') == [quoted] and found("pipe\nsecond") == [quoted]
    assert found('"') == [quoted] and found("plain") == [plain]
    # A combining mark after a sign that means something in patterns.
    assert found("%\u0301") == []


@run_async
async def test_a_frame_with_an_id_is_answered_under_it_whatever_is_wrong_with_it(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    for wrong in ('{"id":7,"event":"leaveRoom","data":{},"x":1}', '{"id":7,"event":5}'):
        client.log.clear()
        await client.raw(wrong)
        kind, name, frame = (await client.wait_until(lambda: client.log[:1]))[0]
        assert (kind, name) == ("ack", 7) and frame["error"]["code"] == "validation-failed", frame
    client.doubled.clear()
    for data, fields in (({"after": 5}, ["orderId"]), ({"after": -1, "x": 1}, ["orderId"])):
        problem = await client.refused("joinRoom", data, 400, "validation-failed")
        named = [fault["field"] for fault in (problem or {}).get("errors", [])]
        assert not named or named == fields, named
    await client.close()


# Depth


def nested(levels, opening='{"a":', closing="}"):
    return opening * levels + "1" + closing * levels


@pytest.mark.parametrize("opening, closing", [('{"a":', "}"), ("[", "]")])
def test_a_body_is_at_most_32_levels_deep(user, opening, closing):
    def body(levels):
        deep = f'{{"d":{nested(levels, opening, closing)}}}'
        return f'{{"description":"d","quantity":1,"specifications":{deep},"metadata":{deep}}}'.encode()

    order = ok(user.send_raw("POST", "/orders", body(30)), 201)
    for levels in (31, 32, 126, 5000):
        assert_problem(user.send_raw("POST", "/orders", body(levels)), 400, "malformed-json")
        patch = f'{{"metadata":{{"d":{nested(levels, opening, closing)}}}}}'.encode()
        assert_problem(user.send_raw("PATCH", f"/orders/{order['id']}", patch), 400, "malformed-json")
    # What wraps the deepest content that is taken: history, lists, the room.
    patch = f'{{"specifications":{{"e":{nested(30, opening, closing)}}}}}'.encode()
    changed = ok(user.send_raw("PATCH", f"/orders/{order['id']}", patch))
    assert [e["type"] for e in ok(user.get(f"/orders/{order['id']}/history"))["items"]] == ["created", "updated"]
    assert ok(user.get("/orders"))["items"] == [changed]
    assert ok(user.get(f"/chat/rooms/{order['id']}"))["orderId"] == order["id"]


@run_async
async def test_what_is_deepest_reaches_the_sockets_too(gateway, user, admin):
    client, watcher = await WsClient.connect(gateway, user.token), await WsClient.connect(gateway, admin.token)
    try:
        raw = f'{{"description":"d","quantity":1,"specifications":{nested(31)}}}'.encode()
        order = ok(await asyncio.to_thread(user.send_raw, "POST", "/orders", raw), 201)
        await watcher.wait_for("orderCreated", lambda o: o["id"] == order["id"])
        raw = f'{{"metadata":{nested(31)}}}'.encode()
        ok(await asyncio.to_thread(user.send_raw, "PATCH", f"/orders/{order['id']}", raw))
        await client.wait_for("orderUpdated", lambda o: o["id"] == order["id"] and o["version"] == 2)
    finally:
        await client.close()
        await watcher.close()


@run_async
async def test_a_frame_is_at_most_32_levels_deep_and_the_socket_stays(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    for levels in (32, 200, 5000):
        client.log.clear()
        await client.raw(f'{{"event":"leaveRoom","data":{nested(levels)}}}')
        problem = await client.wait_for("error")
        assert problem["code"] == "malformed-json", problem
    client.log.clear()
    await client.raw(f'{{"id":9,"event":"leaveRoom","data":{nested(31)}}}')
    kind, name, frame = (await client.wait_until(lambda: client.log[:1]))[0]
    assert (kind, name) == ("ack", 9) and frame["error"]["code"] == "validation-failed", frame
    client.doubled.clear()
    await client.close()


# Numbers and times


@pytest.mark.parametrize(
    "number, whole",
    [
        ("1.0", 1),
        ("10e-1", 1),
        ("1e3", 1000),
        ("0.5e1", 5),
        ("1000000.000", 1000000),
        ("2E0", 2),
        ("0.00000012e8", 12),
        ("0.99999999999999999999", None),
        ("1.0000000000000000000000001", None),
        ("1e999999999", None),
        ("-0", None),
        ("1e-999999999", None),
        ("99999999999999999999e-19", None),
        ("1000000.0000000000000001", None),
    ],
)
def test_a_quantity_is_whole_by_its_digits(user, number, whole):
    raw = f'{{"description":"d","specifications":"s","quantity":{number}}}'.encode()
    answer = user.send_raw("POST", "/orders", raw)
    if whole is None:
        assert_problem(answer, 400, "validation-failed", "quantity")
    else:
        assert ok(answer, 201)["quantity"] == whole


@pytest.mark.parametrize(
    "milliseconds",
    [
        -1,
        -62135596800001,
        -62167219200000,
        -62167219200001,
        -(2**47) + 1,
        253402300800000,
        2**63 - 1,
        "+5",
        "05",
        "-0",
        "1e3",
        "1.0",
    ],
)
def test_a_cursor_of_a_time_that_no_room_has_is_invalid(admin, milliseconds):
    forged = cursor(f"{milliseconds} 01900000-0000-7000-8000-000000000000")
    assert_problem(admin.get("/chat/rooms", params={"cursor": forged}), 400, "invalid-cursor")


@pytest.mark.parametrize(
    "bound",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.9999Z",
        "9999-12-31T23:59:59-23:59",
        "2016-12-31T23:59:60Z",
        "1969-12-31T23:59:59.9999Z",
    ],
)
def test_a_bound_at_the_edge_of_time_is_a_bound(user, bound):
    made = user.create_order()["id"]
    found = [o["id"] for key in ("from", "to") for o in ok(user.get("/orders", params={key: bound}))["items"]]
    assert found == [made], found


def test_bounds_finer_than_a_millisecond_are_rounded_up(user):
    order = user.create_order()
    within = order["createdAt"].replace("Z", "000001Z")
    assert ok(user.get("/orders", params={"from": within}))["items"] == []
    assert ok(user.get("/orders", params={"to": within}))["items"] == [order]


@pytest.mark.parametrize(
    "bound",
    [
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:61Z",
        "2026-02-30T00:00:00Z",
        "1e3",
        "12026-01-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.Z",
    ],
)
def test_what_is_no_time_is_no_bound(user, bound):
    assert_problem(user.get("/orders", params={"from": bound}), 400, "validation-failed", "from")


# Texts


def test_a_text_in_another_normalisation_is_another_text(user):
    order = user.create_order(description="caf\u00e9", specifications={"\u00e9": 1, "e\u0301": 2})
    assert list(order["specifications"]) == ["\u00e9", "e\u0301"]
    changed = ok(user.patch(f"/orders/{order['id']}", json={"description": "cafe\u0301"}))
    assert changed["version"] == 2 and changed["description"] == "cafe\u0301"
    changes = ok(user.get(f"/orders/{order['id']}/history"))["items"][1]["changes"]
    assert changes == {"description": {"from": "caf\u00e9", "to": "cafe\u0301"}}
    same = ok(user.patch(f"/orders/{order['id']}", json={"description": "cafe\u0301"}))
    assert same["version"] == 2


def test_another_normalisation_under_one_idempotency_key_is_another_payload(user):
    headers = {"Idempotency-Key": "normal"}
    ok(user.post("/orders", json=order_body(description="caf\u00e9"), headers=headers), 201)
    again = user.post("/orders", json=order_body(description="cafe\u0301"), headers=headers)
    assert_problem(again, 422, "idempotency-key-reused")


@pytest.mark.parametrize(
    "text, q",
    [
        ("\u039f\u0394\u039f\u03a3\u0391\u0398\u0397\u039d\u0391\u03a3", "\u039f\u0394\u039f\u03a3"),
        ("\u03c3\u03b1\u03c2", "\u03a3\u0391\u03a3"),
        ("CAF\u00c9", "cafe\u0301"),
        ("cafe\u0301", "\u00c9"),
        ("5 \u00b5m", "\u039cM"),
        ("stra\u00dfe", "STRA\u1e9eE"),
    ],
)
def test_searches_fold_case_and_normalisation(user, admin, text, q):
    order = user.create_order(description=text)["id"]
    assert [o["id"] for o in ok(user.get("/orders", params={"q": q}))["items"]] == [order]
    ok(user.post(f"/chat/rooms/{order}/messages", json={"content": text}), 201)
    assert [r["orderId"] for r in ok(user.get("/chat/rooms", params={"q": q}))["items"]] == [order]
    ok(user.patch("/users/me", json={"name": text}))
    assert user.id in [u["id"] for u in all_pages(admin, "/users", q=q, limit=100)]


def test_an_address_is_one_in_whatever_case_and_normalisation(anonymous):
    place = unique_email()
    body = {"name": "Sas", "password": PASSWORD, "email": f"\u03c3\u03b1\u03c2{place}"}
    ok(anonymous.post("/auth/register", json=body), 201)
    for email in (f"\u03a3\u0391\u03a3{place}", f"\u03c3\u03b1\u03c3{place.upper()}"):
        assert_problem(anonymous.post("/auth/register", json={**body, "email": email}), 409, "email-taken")
        signed_in = ok(anonymous.post("/auth/login", json={"email": email, "password": PASSWORD}))
        assert signed_in["user"]["email"] == body["email"]


@pytest.mark.parametrize(
    "name",
    ["A\u202enn", "A\u2066nn", "A\u0007nn", "A\nnn", "A\u2028nn", "\u200b\u200b\u200b", "\u3164\u3164", "\u2800\u2800"],
)
def test_a_name_that_hides_or_turns_text_is_refused(anonymous, user, name):
    body = {"name": name, "password": PASSWORD, "email": unique_email()}
    assert_problem(anonymous.post("/auth/register", json=body), 400, "validation-failed", "name")
    assert_problem(user.patch("/users/me", json={"name": name}), 400, "validation-failed", "name")


def test_at_most_32_faults_are_listed(user):
    problem = assert_problem(user.post("/orders", json={f"f{n}": n for n in range(1000)}), 400, "validation-failed")
    assert len(problem["errors"]) == 32


def test_two_idempotency_keys_are_none(gateway, user):
    connection = http.client.HTTPConnection(gateway.removeprefix("http://"))
    connection.putrequest("POST", "/api/v1/orders")
    body = json.dumps(order_body()).encode()
    for name, value in (
        ("Authorization", f"Bearer {user.token}"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Idempotency-Key", "a"),
        ("Idempotency-Key", "b"),
    ):
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (400, "validation-failed")
    connection.close()


def many(count, name="x{}", twice=False):
    members = [f'"{name.format(number)}":1' for number in range(count) for _ in range(2 if twice else 1)]
    return "{" + ",".join(members) + "}"


@pytest.mark.parametrize(
    "body",
    [
        many(6500),
        many(2900, twice=True),
        many(9000, name="x"),
        '{"name":' + many(2800, twice=True) + "}",
        '{"' + "n" * 30_000 + '":' + many(40, twice=True) + "}",
        many(3000, name="\\\\u0000{}"),
    ],
    ids=["unknown", "twice", "the same", "deep", "under a long name", "nul"],
)
def test_however_many_faults_a_stranger_makes_the_answer_is_small(anonymous, body):
    answer = anonymous.send_raw("POST", "/auth/register", body)
    problem = assert_problem(answer, 400, "validation-failed")
    assert 1 <= len(problem["errors"]) <= 32
    assert len(answer.content) < 16 * 1024, len(answer.content)


@run_async
async def test_however_many_faults_a_frame_has_the_answer_is_small(gateway, user):
    client = await WsClient.connect(gateway, token=user.token)
    with pytest.raises(Refused) as refused:
        await client.call("typing", json.loads(many(5000)))
    assert "orderId" in str(refused.value) and len(str(refused.value)) < 16 * 1024
    with pytest.raises(Refused) as refused:
        await client.call("joinRoom", {"orderId": str(uuid.uuid4()), **json.loads(many(5000))})
    assert len(str(refused.value)) < 16 * 1024
