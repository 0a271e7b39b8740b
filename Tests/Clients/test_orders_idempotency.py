"""docs/api.md §1.7: a retry with the same Idempotency-Key does nothing twice."""

import uuid

import pytest

from Harness.person import all_pages, ok, order_body
from Harness.shapes import assert_problem


def place(who, key, **changes):
    return who.post("/orders", json=order_body(**changes), headers={"Idempotency-Key": key})


def close(who, order_id, key, summary="Agreed"):
    return who.post(f"/chat/rooms/{order_id}/close", json={"summary": summary}, headers={"Idempotency-Key": key})


def fresh():
    return uuid.uuid4().hex


def only_order(user):
    orders = all_pages(user, "/orders")
    assert len(orders) == 1, orders
    return orders[0]


def assert_replayed(answer, first):
    assert answer.headers.get("Idempotency-Replayed") == "true", answer.headers
    assert (answer.status_code, answer.json()) == (first.status_code, first.json()), answer.text
    for header in ("Location", "ETag"):
        assert answer.headers.get(header) == first.headers.get(header), answer.headers


@pytest.mark.parametrize("form", ["{}", '"{}"'], ids=["bare", "quoted"])
def test_a_repeated_order_gets_the_first_answer(user, other_gateway, form):
    key = form.format(fresh())
    first = place(user, key)
    ok(first, 201)
    assert "Idempotency-Replayed" not in first.headers
    for gateway in (user.base, other_gateway):
        assert_replayed(place(user.at(gateway), key), first)
    assert only_order(user)["id"] == first.json()["id"]


def test_the_first_answer_stays_though_the_order_has_changed(user):
    key = fresh()
    first = place(user, key)
    ok(user.patch(f"/orders/{ok(first, 201)['id']}", json={"quantity": 9}))
    assert_replayed(place(user, key), first)
    assert only_order(user)["quantity"] == 9


def test_another_payload_under_the_same_key_is_refused(user):
    key = fresh()
    first = place(user, key)
    assert_problem(place(user, key, quantity=41), 422, "idempotency-key-reused")
    assert_replayed(place(user, key), first)
    assert only_order(user)["quantity"] == 40


def test_a_key_belongs_to_one_person(user, other):
    key = fresh()
    mine, theirs = ok(place(user, key), 201), ok(place(other, key, quantity=3), 201)
    assert mine["id"] != theirs["id"] and only_order(other)["id"] == theirs["id"]


@pytest.mark.parametrize("key", ["k", "k" * 255, '"' + "q" * 255 + '"'])
def test_keys_of_1_to_255_characters_are_fine(user, key):
    first = place(user, key)
    ok(first, 201)
    assert_replayed(place(user, key), first)


@pytest.mark.parametrize("key", ["", '""', "k" * 256, '"' + "q" * 256 + '"', '"open', "caf\u00e9".encode()])
def test_any_other_key_is_a_bad_request(user, key):
    answer = place(user, key)
    assert_problem(answer, 400, "validation-failed")
    assert all_pages(user, "/orders") == []


def test_of_simultaneous_repeats_one_places_the_order(user, gateways, together):
    for _ in range(5):
        key, mark = fresh(), fresh()
        answers = together(
            *[lambda n=n: place(user.at(gateways[n % len(gateways)]), key, description=mark) for n in range(8)]
        )
        for answer in answers:
            if answer.status_code != 201:
                assert_problem(answer, 409, "idempotency-in-progress")
        placed = [a for a in answers if a.status_code == 201]
        assert sum("Idempotency-Replayed" not in a.headers for a in placed) == 1, [a.headers for a in answers]
        assert len({a.json()["id"] for a in placed}) == 1
        found = ok(user.get("/orders", params={"q": mark}))["items"]
        assert [o["id"] for o in found] == [placed[0].json()["id"]]


def test_a_repeated_close_gets_the_first_answer(user, admin, other_gateway):
    order, key = user.create_order(), fresh()
    first = close(admin, order["id"], key)
    assert ok(first)["isOpen"] is False and "Idempotency-Replayed" not in first.headers
    for gateway in (admin.base, other_gateway):
        assert_replayed(close(admin.at(gateway), order["id"], key), first)
    assert_problem(close(admin, order["id"], key, "Otherwise"), 422, "idempotency-key-reused")
    assert_problem(close(admin, order["id"], fresh()), 409, "room-closed")
    user.until_status(order["id"], "Processing", timeout=5)
    assert [e["type"] for e in user.history(order["id"])["items"]] == ["created", "status-changed"]


def test_simultaneous_repeats_of_a_close_close_once(user, admin, gateways, together):
    order, key = user.create_order(), fresh()
    answers = together(*[lambda n=n: close(admin.at(gateways[n % len(gateways)]), order["id"], key) for n in range(6)])
    for answer in answers:
        if answer.status_code != 200:
            assert_problem(answer, 409, "idempotency-in-progress")
    assert sum(a.status_code == 200 and "Idempotency-Replayed" not in a.headers for a in answers) == 1
    messages = user.messages(order["id"])["items"]
    assert [m["kind"] for m in messages] == ["summary"], messages
