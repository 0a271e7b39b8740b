"""Neighbours of another version: what they add is passed over, what they leave out is not missed."""

import json
import time
import uuid
from urllib.parse import quote

import jwt
import pytest

from broker import ask, new_event, publish, with_extras
from Harness import contract
from Harness.person import ok, order_body
from Harness.settings import ROOT
from Harness.shapes import assert_problem
from Harness.sockets import DOORS, Sockets, run_async
from Harness.waiting import until, until_async
from small import small_system

SAMPLES = ROOT / "Tests" / "ContractsTests" / "Samples"
SAMPLE_ORDER, SAMPLE_USER = "0197a1b2-c3d4-7e5f-8a6b-00000000000a", "0197a1b2-c3d4-7e5f-8a6b-000000000001"
REQUESTS = sorted(path.stem for path in SAMPLES.glob("*.json") if ".event." not in path.stem)
# Asked by services rather than gateways, on behalf of nobody.
BETWEEN_SERVICES = {
    "orders.lookup": "chat",
    "orders.facts": "chat",
    "chat.facts": "orders",
    "auth.changed-users": "chat",
}
OWNERS = {"orders.create", "orders.update"}
BODIES = {
    "auth.change-password": {"currentPassword": "not the right one", "newPassword": "another password"},
    "auth.confirm-totp": {"code": "000000"},
    "auth.enrol-totp": {"currentPassword": "not the right one"},
    "auth.remove-totp": {"currentPassword": "not the right one", "code": "000000"},
    "auth.login": {"email": "nobody@example.com", "password": "not the right one"},
    "auth.logout": {},
    "auth.refresh": {},
    "auth.register": {"name": "A"},
    "auth.update-me": {"name": "Another"},
    "auth.update-user": {"disabled": False},
    "chat.close": {"summary": "Agreed"},
    "chat.mark-read": {"seq": 0},
    "chat.send": {"content": "Hello"},
    "orders.create": order_body(),
    "orders.set-status": {"status": "Completed"},
    "orders.update": {"quantity": 2},
}
OPTIONAL = [
    ("auth.login", "device"),
    ("auth.login", "deviceToken"),
    ("auth.register", "device"),
    ("auth.register", "deviceToken"),
    ("auth.refresh", "cookie"),
    ("auth.logout", "cookie"),
    ("chat.close", "idempotencyKey"),
    ("chat.join", "after"),
    ("chat.join", "limit"),
    ("chat.transcript", "after"),
    ("chat.transcript", "upTo"),
    ("orders.facts", "afterNumber"),
    ("auth.revocations", "after"),
    ("auth.list-sessions", "query"),
    ("auth.changed-users", "after"),
    ("orders.create", "idempotencyKey"),
    ("orders.set-status", "ifMatch"),
    ("orders.update", "ifMatch"),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    # Nothing is mended by comparing: what is looked at here is what the events do.
    with small_system(tmp_path_factory.mktemp("versions") / "data", RECONCILE_INTERVAL="1d") as running:
        yield running


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())


def v7():
    """A new id of the kind that orders have."""
    return str(uuid.UUID(int=int(time.time() * 1000) << 80 | 7 << 76 | 2 << 62 | uuid.uuid4().int & (1 << 62) - 1))


def rooms(person):
    return {room["orderId"]: room for room in ok(person.get("/chat/rooms", params={"limit": 100}))["items"]}


def created(user, **changes):
    """The event of an order that this user might have placed elsewhere."""
    event = sample("orders.event.created")["event"]
    event["order"].update(id=v7(), owner={"id": user.id, "name": user.user["name"]}, **changes)
    return event


def room_closed(order, admin):
    return {
        **sample("chat.event.room-closed")["event"],
        "orderId": order,
        "closedBy": {"id": admin.id, "name": "Admin", "role": "Admin"},
    }


# Events


def test_an_order_of_a_newer_version_gets_its_room(stack, user):
    event = created(user)
    publish(stack, "orders.event.created", with_extras(event), **new_event(), added_later="1")
    room = until(lambda: rooms(user).get(event["order"]["id"]), 10)
    assert room["owner"] == event["order"]["owner"] and room["isOpen"]


def test_an_order_of_an_older_version_gets_its_room(stack, user):
    event = created(user)
    # Optional for a reader: null, or worked out from another.
    del event["order"]["metadata"], event["order"]["nextStatuses"]
    publish(stack, "orders.event.created", event, **new_event())
    until(lambda: rooms(user).get(event["order"]["id"]), 10)


def test_a_room_closed_by_a_newer_version_moves_its_order_once(stack, user, admin):
    order = user.create_order()["id"]
    event, once = with_extras(room_closed(order, admin)), new_event()
    for _ in range(3):
        publish(stack, "chat.event.room-closed", event, **once)
    user.until_status(order, "Processing", timeout=10)
    user.closed_order(admin)  # Came later, so the repeats have been taken before it.
    assert [each["type"] for each in user.history(order)["items"]] == ["created", "status-changed"]


def test_a_name_told_by_a_newer_version_is_shown(stack, user, admin):
    order = user.create_order()["id"]
    event = {
        **sample("auth.event.user-changed")["event"],
        "userId": user.id,
        "name": "Nora Newer",
        "role": "Regular",
        "version": 1000,
    }
    publish(stack, "auth.event.user-changed", with_extras(event), **new_event())
    until(lambda: admin.order(order)["owner"]["name"] == "Nora Newer", 10)
    until(lambda: admin.room(order)["owner"]["name"] == "Nora Newer", 10)


@run_async
async def test_gateways_understand_what_a_newer_version_tells(stack, user, admin):
    order = user.create_order()["id"]
    session = jwt.decode(user.token, options={"verify_signature": False})["sid"]
    moved = {**sample("orders.event.status-changed")["event"], "orderId": order, "ownerId": user.id}
    ended = {**sample("auth.event.session-ended")["event"], "sessionId": session, "userId": user.id}
    new = created(user)
    async with Sockets() as sockets:
        owners = [await sockets.open(door, stack.gateways[0], user) for door in DOORS]
        admins = [await sockets.open(door, stack.gateways[1], admin) for door in DOORS]
        for subject, event in (
            ("orders.event.created", new),
            ("orders.event.status-changed", moved),
            ("auth.event.session-ended", ended),
        ):
            await until_async(lambda: publish(stack, subject, with_extras(event), **new_event()))
        for client in admins:
            told = await client.wait_for("orderCreated", lambda told: told["id"] == new["order"]["id"])
            assert told["number"] == new["order"]["number"]
        for client in owners:
            told = await client.wait_for("orderStatusChanged", lambda told: told["orderId"] == order)
            assert told == {name: moved[name] for name in ("orderId", "number", "from", "to", "version", "at")}
            assert await client.wait_for("sessionEnded") == {"reason": "logged-out"}
            await client.wait_closed()
    # What a newer version adds is passed on, and no document of this one describes it.
    assert all("addedLater" in fault for fault in contract.taken())
    assert_problem(user.at(stack.gateways[1]).get("/orders"), 401, "unauthenticated")


def test_an_event_of_a_kind_that_is_not_known_is_passed_over(stack, user, admin):
    for subject in ("orders.event.archived", "chat.event.pinned", "auth.event.greeted"):
        publish(stack, subject, {"orderId": v7()}, **new_event())
    assert_stream_goes_on(stack, user, admin)
    assert not parked(stack)


# Events that nobody can read


def parked(stack, *events):
    """The rows of parked events: consumer, subject, payload and reason, by event id."""
    with stack.connect() as connection:
        return {
            str(row[0]): row[1:]
            for schema in ("orders", "chat")
            for row in connection.execute(
                f"select event_id, consumer, subject, payload, reason from {schema}.parked_events"
            ).fetchall()
            if not events or str(row[0]) in events
        }


def assert_stream_goes_on(stack, user, admin):
    """Each consumer takes what comes after, and nothing waits to be taken again."""
    event = created(user)
    publish(stack, "orders.event.created", event, **new_event())
    until(lambda: event["order"]["id"] in rooms(user), 10)
    user.closed_order(admin)
    until(lambda: all(each["num_pending"] == each["num_ack_pending"] == 0 for each in stack.consumers().values()), 10)


@pytest.mark.parametrize(
    "service, subject, payload, reason",
    [
        ("chat", "orders.event.created", b"{", ""),
        ("chat", "orders.event.created", b"\xff\x00", ""),
        ("chat", "orders.event.created", {"order": {}}, "order"),
        ("chat", "orders.event.created", {"order": {"id": 5}}, "order.id"),
        ("orders", "chat.event.room-closed", [], ""),
        ("orders", "chat.event.room-closed", {"closedAt": "yesterday"}, ""),
    ],
)
def test_an_event_that_cannot_be_read_is_parked_and_reported(stack, user, admin, service, subject, payload, reason):
    event = new_event()
    publish(stack, subject, payload, **event)
    found = until(lambda: parked(stack, event["event_id"]), 10)
    consumer, parked_subject, parked_payload, parked_reason = found[event["event_id"]]
    source = subject.split(".")[0]
    assert (consumer, parked_subject) == (f"{service}-from-{source}", subject)
    assert parked_payload == (payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    assert parked_reason and reason in parked_reason
    reported = [line for line in stack.log(f"{service}-1").splitlines() if "event parked" in line]
    assert any(subject in line and consumer in line for line in reported), reported
    assert_stream_goes_on(stack, user, admin)
    with stack.connect() as connection:
        connection.execute(f"delete from {service}.parked_events")


def test_an_event_without_an_id_is_parked(stack, user, admin):
    publish(stack, "chat.event.room-closed", room_closed(user.create_order()["id"], admin))
    found = until(lambda: parked(stack), 10)
    # It gets a name of its own: version 8 of RFC 9562, made of what it says.
    ((name, (*_, reason)),) = found.items()
    assert uuid.UUID(name).version == 8 and reason == "it has no id"
    assert_stream_goes_on(stack, user, admin)
    with stack.connect() as connection:
        connection.execute("delete from orders.parked_events")


def test_a_parked_event_sent_again_as_the_manual_says_has_its_effect(stack, user, admin):
    order, event = user.create_order()["id"], new_event()
    good = room_closed(order, admin)
    publish(stack, "chat.event.room-closed", {**good, "closedBy": "Admin"}, **event)
    until(lambda: parked(stack, event["event_id"]), 10)
    with stack.connect() as connection:
        connection.execute(
            "insert into chat.outbox (id, key, subject, payload) values (%s, %s, %s, %s)",
            [event["event_id"], order, "chat.event.room-closed", json.dumps(good).encode()],
        )
        connection.execute("delete from orders.parked_events where event_id = %s", [event["event_id"]])
    user.until_status(order, "Processing", timeout=10)
    assert not parked(stack)


@run_async
async def test_gateways_pass_over_what_they_cannot_read(stack, user, admin):
    order = user.create_order()
    async with Sockets() as sockets:
        clients = [
            await sockets.open(door, gateway, person)
            for door in DOORS
            for gateway in stack.gateways
            for person in (user, admin)
        ]
        for subject in ("orders.event.updated", "orders.event.status-changed", "auth.event.session-ended"):
            for payload in (b"{", b"\xff", [], {}):
                await until_async(lambda: publish(stack, subject, payload, **new_event()))
        moved = {**sample("orders.event.status-changed")["event"], "orderId": order["id"], "ownerId": user.id}
        await until_async(lambda: publish(stack, "orders.event.status-changed", moved, **new_event()))
        for client in clients:
            await client.wait_for("orderStatusChanged", lambda told: told["orderId"] == order["id"])
            assert not client.closed.is_set()
    with stack.connect() as connection:
        connection.execute("delete from orders.parked_events")
        connection.execute("delete from chat.parked_events")


# Requests


def caller(person):
    claims = jwt.decode(person.token, options={"verify_signature": False})
    return f"{claims['sub']} {claims['sid']} {claims['role']} {quote(claims['name'], safe='')}"


def asked(stack, subject, owner, admin, order, change=lambda parameters: parameters, **headers):
    """What a request like the sample's is answered: whether with an error, with which code, and with which members."""
    parameters = json.loads(
        json.dumps(sample(subject)["parameters"])
        .replace(SAMPLE_ORDER, order)
        .replace(SAMPLE_USER, owner.id)
        .replace('"once"', f'"{order}"')
    )
    if subject not in BETWEEN_SERVICES:
        headers["caller"] = caller(owner if subject in OWNERS else admin)
    answer, reply = ask(
        stack,
        BETWEEN_SERVICES.get(subject, "gateway"),
        subject,
        change(parameters),
        BODIES.get(subject),
        request_id="of-another-version",
        **headers,
    )
    return "error" in answer, reply.get("code"), sorted(reply)


@pytest.mark.parametrize("subject", REQUESTS)
def test_a_request_of_a_newer_version_is_answered_like_ours(stack, subject):
    answers = []
    for change, headers in ((lambda parameters: parameters, {}), (with_extras, {"added_later": "1"})):
        # A pair of people and an order for each: some requests end what they are about.
        owner = stack.registered()
        answers.append(asked(stack, subject, owner, stack.admin(), owner.create_order()["id"], change, **headers))
    assert answers[0] == answers[1]
    assert answers[0][1] != "internal"


@pytest.mark.parametrize("subject, member", OPTIONAL)
def test_a_request_of_an_older_version_is_answered(stack, user, admin, subject, member):
    def without(parameters):
        return {name: value for name, value in parameters.items() if name != member}

    assert member in sample(subject)["parameters"]
    answer = asked(stack, subject, user, admin, user.create_order()["id"], without)
    assert answer[1] != "internal", answer


def test_a_request_that_cannot_be_read_is_refused_and_the_next_one_answered(stack, user, admin):
    order = user.create_order()["id"]
    for parameters in ([], {}, {"orderId": 5}, "x", None):
        headers, reply = ask(stack, "gateway", "orders.get", parameters, caller=caller(user))
        assert "error" in headers and reply["code"] == "internal", reply
    headers, reply = ask(stack, "gateway", "orders.get", {"orderId": order}, caller=caller(user))
    assert "error" not in headers and reply["id"] == order
