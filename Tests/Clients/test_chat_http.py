"""docs/api.md §5: rooms, messages, reading and closing over HTTP."""

import uuid

import pytest

from Harness.person import all_pages, ok
from Harness.shapes import assert_message, assert_problem, assert_room
from Harness.waiting import until


@pytest.fixture
def order(user):
    return user.create_order()


def seqs(page):
    return [m["seq"] for m in page["items"]]


# Rooms


def test_an_order_has_its_room_at_once_everywhere(user, admin, other_gateway):
    order = user.create_order()
    room = user.at(other_gateway).room(order["id"])
    assert_room(room)
    assert room["orderId"] == order["id"] and room["owner"] == {"id": user.id, "name": user.user["name"]}
    assert room["isOpen"] is True and room["lastSeq"] == 0 and room["lastMessage"] is None and room["unread"] == 0
    assert admin.room(order["id"])["orderId"] == order["id"]


@pytest.mark.parametrize("path", ["", "/messages"])
def test_a_room_is_for_its_owner_and_admins(user, other, admin, order, path):
    assert_problem(other.get(f"/chat/rooms/{order['id']}{path}"), 403, "forbidden")
    for reader in (user, admin):
        ok(reader.get(f"/chat/rooms/{order['id']}{path}"))
        assert_problem(reader.get(f"/chat/rooms/{uuid.uuid4()}{path}"), 404, "not-found")
        assert_problem(reader.get(f"/chat/rooms/not-an-id{path}"), 400, "invalid-id")


def test_rooms_are_listed_by_latest_activity(user, other, admin):
    orders = [user.create_order()["id"] for _ in range(3)]
    foreign = other.create_order()["id"]
    for order_id in (orders[1], orders[2], orders[0]):
        user.say(order_id, f"to {order_id}")
    rooms = all_pages(user, "/chat/rooms", limit=2)
    assert [r["orderId"] for r in rooms] == [orders[0], orders[2], orders[1]]
    for room in rooms:
        assert_room(room)
        assert room["lastMessage"]["content"] == f"to {room['orderId']}"
        assert room == user.room(room["orderId"])
    other.say(foreign)
    assert ok(admin.get("/chat/rooms", params={"limit": 100}))["items"]
    found = {r["orderId"] for r in ok(admin.get("/chat/rooms", params={"limit": 100}))["items"]}
    assert foreign in found and orders[0] in found


def test_rooms_without_messages_are_listed_too(user):
    made = {user.create_order()["id"] for _ in range(3)}
    until(lambda: {r["orderId"] for r in all_pages(user, "/chat/rooms")} == made, 5)


def test_rooms_are_found_by_being_open_and_by_being_unread(user, admin):
    opened, closed = user.create_order()["id"], user.create_order()["id"]
    user.say(opened, "mine")
    admin.close(closed, "done")

    def found(**params):
        return [r["orderId"] for r in ok(user.get("/chat/rooms", params=params))["items"]]

    assert found(open="true") == [opened] and found(open="false") == [closed]
    assert found(unread="true") == [closed]
    ok(user.post(f"/chat/rooms/{closed}/read", json={"seq": 1}), 204)
    assert found(unread="true") == []
    assert found(q="no room is called " + uuid.uuid4().hex) == []
    for name in ("open", "unread"):
        assert_problem(user.get("/chat/rooms", params={name: "perhaps"}), 400, "validation-failed", name)


# Messages


def test_a_message_is_answered_and_read_as_sent(user, admin, order, other_gateway):
    text = "  Hello \U0001f469\u200d\U0001f680\n<script>alert(1)</script> \u202e "
    sent = user.say(order["id"], text)
    assert_message(sent, order["id"])
    assert sent["seq"] == 1 and sent["content"] == text and sent["clientMessageId"] is None
    assert sent["sender"] == {"id": user.id, "name": user.user["name"], "role": "Regular"}
    assert admin.at(other_gateway).messages(order["id"])["items"] == [sent]
    answer = admin.say(order["id"], "Good day")
    assert answer["seq"] == 2 and answer["sender"]["role"] == "Admin"
    assert user.room(order["id"])["lastMessage"] == answer and user.room(order["id"])["lastSeq"] == 2


@pytest.mark.parametrize(
    "body, field",
    [
        ({"content": ""}, "content"),
        ({"content": " \n\t"}, "content"),
        ({"content": "c" * 4001}, "content"),
        ({"content": None}, "content"),
        ({"content": 5}, "content"),
        ({"content": "a\0b"}, "content"),
        ({}, "content"),
        ({"content": "x", "clientMessageId": "no uuid"}, "clientMessageId"),
        ({"content": "x", "seq": 9}, "seq"),
    ],
)
def test_a_bad_message_names_its_field(user, order, body, field):
    path = f"/chat/rooms/{order['id']}/messages"
    assert_problem(user.post(path, json=body), 400, "validation-failed", field)
    assert user.messages(order["id"])["items"] == []


def test_the_bounds_of_a_message_are_fine(user, order):
    for content in ("c", "\U0001f600" * 4000):
        assert user.say(order["id"], content, clientMessageId=None)["content"] == content


def test_a_repeated_client_id_gets_the_first_message(user, admin, order, other_gateway):
    path, key = f"/chat/rooms/{order['id']}/messages", str(uuid.uuid4())
    first = user.say(order["id"], "first", clientMessageId=key)
    assert first["clientMessageId"] == key
    for who, content in ((user, "first"), (user.at(other_gateway), "something else")):
        assert ok(who.post(path, json={"content": content, "clientMessageId": key})) == first
    assert admin.say(order["id"], "mine", clientMessageId=key)["seq"] == 2
    admin.close(order["id"])
    assert ok(user.post(path, json={"content": "late", "clientMessageId": key})) == first
    assert seqs(user.messages(order["id"])) == [1, 2, 3]


def test_simultaneous_repeats_of_a_client_id_store_one_message(user, order, gateways, together):
    body = {"content": "once", "clientMessageId": str(uuid.uuid4())}
    answers = together(
        *[
            lambda n=n: user.at(gateways[n % len(gateways)]).post(f"/chat/rooms/{order['id']}/messages", json=body)
            for n in range(8)
        ]
    )
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201], [a.text for a in answers]
    assert len({a.json()["id"] for a in answers}) == 1 and seqs(user.messages(order["id"])) == [1]


def test_messages_are_read_page_by_page_in_both_directions(user, order):
    for n in range(1, 26):
        user.say(order["id"], f"m{n}")

    def page(**params):
        found = user.messages(order["id"], **params)
        assert set(found) == {"items", "firstSeq", "lastSeq", "hasMore"}
        bounds = (found["items"][0]["seq"], found["items"][-1]["seq"]) if found["items"] else (None, None)
        assert (found["firstSeq"], found["lastSeq"]) == bounds
        return seqs(found), found["hasMore"]

    assert page() == (list(range(6, 26)), True)
    assert page(limit=25) == (list(range(1, 26)), False)
    assert page(after=0, limit=10) == (list(range(1, 11)), True)
    assert page(after=20, limit=10) == ([21, 22, 23, 24, 25], False)
    assert page(after=15, limit=10) == (list(range(16, 26)), False)
    assert page(after=25) == ([], False) and page(after=99) == ([], False)
    assert page(before=26, limit=5) == ([21, 22, 23, 24, 25], True)
    assert page(before=6, limit=5) == ([1, 2, 3, 4, 5], False)
    assert page(before=1) == ([], False)


def test_an_empty_room_has_an_empty_page(user, order):
    assert user.messages(order["id"]) == {"items": [], "firstSeq": None, "lastSeq": None, "hasMore": False}


@pytest.mark.parametrize(
    "name, value",
    [
        ("after", "x"),
        ("after", "-1"),
        ("before", "x"),
        ("limit", "0"),
        ("limit", "101"),
        ("after", "99999999999999999999"),
    ],
)
def test_bad_bounds_of_a_page_are_refused(user, order, name, value):
    answer = user.get(f"/chat/rooms/{order['id']}/messages", params={name: value})
    assert_problem(answer, 400, "validation-failed", name)


# Reading


def test_what_others_wrote_is_unread_until_it_is_read(user, admin, order):
    for n in range(3):
        admin.say(order["id"], f"a{n}")

    def read(seq):
        answer = user.post(f"/chat/rooms/{order['id']}/read", json={"seq": seq})
        assert answer.status_code == 204 and not answer.content, answer.text
        return user.room(order["id"])["unread"]

    assert user.room(order["id"])["unread"] == 3
    assert read(2) == 1
    assert read(1) == 1, "reading moved backwards"
    assert read(1000) == 0
    admin.say(order["id"], "one more")
    assert user.room(order["id"])["unread"] == 1, "reading moved past the last message"
    assert ok(user.get("/chat/rooms"))["items"][0]["unread"] == 1


@pytest.mark.parametrize("body", [{}, {"seq": None}, {"seq": "1"}, {"seq": 1.5}, {"seq": -1}, {"seq": 1, "x": 1}])
def test_a_bad_mark_is_refused(user, order, body):
    assert_problem(
        user.post(f"/chat/rooms/{order['id']}/read", json=body), 400, "validation-failed", "x" if "x" in body else "seq"
    )


# Closing


def test_closing_ends_the_conversation_and_moves_the_order(user, admin, order, other_gateway):
    user.say(order["id"])
    room = admin.close(order["id"], "  Forty chairs, oiled ")
    assert_room(room)
    assert room["isOpen"] is False and room["summary"] == "  Forty chairs, oiled " and room["lastSeq"] == 2
    assert room["closedBy"] == {"id": admin.id, "name": admin.user["name"], "role": "Admin"}
    last = user.messages(order["id"])["items"][-1]
    assert_message(last, order["id"], kind="summary")
    assert (last["seq"], last["content"], last["sender"]["id"]) == (2, room["summary"], admin.id)
    for who in (user, user.at(other_gateway), admin):
        assert_problem(who.post(f"/chat/rooms/{order['id']}/messages", json={"content": "late"}), 409, "room-closed")
    assert user.until_status(order["id"], "Processing")["nextStatuses"] == ["Completed"]
    assert_problem(admin.post(f"/chat/rooms/{order['id']}/close", json={"summary": "again"}), 409, "room-closed")
    assert user.room(order["id"])["summary"] == room["summary"]


def test_only_admins_close_a_room(user, other, order):
    for who in (user, other):
        assert_problem(who.post(f"/chat/rooms/{order['id']}/close", json={"summary": "x"}), 403, "forbidden")
    assert user.room(order["id"])["isOpen"] is True and user.order(order["id"])["status"] == "Review"


@pytest.mark.parametrize("summary", ["", "  ", "s" * 4001, None, 5, "a\0"])
def test_a_bad_summary_closes_nothing(user, admin, order, summary):
    answer = admin.post(f"/chat/rooms/{order['id']}/close", json={"summary": summary})
    assert_problem(answer, 400, "validation-failed", "summary")
    assert user.room(order["id"])["isOpen"] is True


def test_how_far_each_has_read_is_told_to_who_is_in_the_room(user, other, admin, order):
    path = f"/chat/rooms/{order['id']}/reads"
    assert ok(user.get(path)) == {"items": [], "nextCursor": None}
    for text in ("one", "two", "three"):
        ok(user.post(f"/chat/rooms/{order['id']}/messages", json={"content": text}), 201)
    ok(admin.post(f"/chat/rooms/{order['id']}/read", json={"seq": 1}), 204)
    ok(user.post(f"/chat/rooms/{order['id']}/read", json={"seq": 99}), 204)
    farthest = [(user.id, 3), (admin.id, 1)]
    expected = [{"orderId": order["id"], "userId": id_, "seq": seq} for id_, seq in farthest]
    assert ok(user.get(path))["items"] == expected and ok(admin.get(path))["items"] == expected
    assert_problem(other.get(path), 403, "forbidden")
    assert_problem(admin.get("/chat/rooms/00000000-0000-7000-8000-000000000000/reads"), 404, "not-found")
    assert_problem(admin.get("/chat/rooms/none/reads"), 400, "invalid-id")
