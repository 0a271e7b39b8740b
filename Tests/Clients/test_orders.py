"""docs/api.md §4: placing, reading, changing and completing them."""

import json
import uuid

import pytest

from Harness.person import all_pages, ok, order_body
from Harness.shapes import assert_order, assert_problem


def sized_object(size):
    """An object whose compact encoding is exactly `size` bytes."""
    return {"k": "v" * (size - len('{"k":""}'))}


def compact(api, body):
    raw = json.dumps(body, separators=(",", ":")).encode()
    return api.send_raw("POST", "/orders", raw)


# Placing


def test_an_order_is_answered_whole_with_its_place_and_version(user):
    answer = user.post("/orders", json=order_body())
    order = ok(answer, 201)
    assert_order(order)
    assert {k: order[k] for k in order_body()} == order_body()
    assert order["status"] == "Review" and order["metadata"] is None
    assert order["owner"] == {"id": user.id, "name": user.user["name"]}
    assert answer.headers["Location"].endswith(f"/api/v1/orders/{order['id']}")
    assert answer.headers["ETag"] == f'"{order["version"]}"'
    again = user.get(f"/orders/{order['id']}")
    assert ok(again) == order and again.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize(
    "specifications",
    [
        "plain text",
        "x" * 16384,
        {},
        {"a": [1, 2.5, None, True, {"b": "\u00e9"}]},
        {"big": 9007199254740991, "deep": {"er": {"est": []}}},
    ],
)
@pytest.mark.parametrize("metadata", [None, {"source": "web", "tags": ["a", "b"], "n": {"x": -1}}])
def test_the_callers_own_data_comes_back_as_it_was(user, specifications, metadata):
    order = user.create_order(specifications=specifications, metadata=metadata)
    assert order["specifications"] == specifications and order["metadata"] == metadata
    assert user.order(order["id"]) == order


@pytest.mark.parametrize(
    "change, field",
    [
        ({"description": "d" * 2001}, "description"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1000001}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "5"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 10**30}, "quantity"),
        ({"specifications": ""}, "specifications"),
        ({"specifications": " \n"}, "specifications"),
        ({"specifications": "x" * 16385}, "specifications"),
        ({"specifications": []}, "specifications"),
        ({"specifications": 7}, "specifications"),
        ({"specifications": None}, "specifications"),
        ({"specifications": sized_object(16385)}, "specifications"),
        ({"metadata": sized_object(8193)}, "metadata"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": []}, "metadata"),
        ({"status": "Completed"}, "status"),
        ({"number": 5}, "number"),
    ],
)
def test_an_order_with_a_bad_field_names_it(user, change, field):
    assert_problem(compact(user, order_body(**change)), 400, "validation-failed", field)
    assert ok(user.get("/orders"))["items"] == []


def test_the_bounds_themselves_are_fine(user):
    for change in (
        {"quantity": 1},
        {"quantity": 1000000},
        {"description": "d"},
        {"description": "d" * 2000},
        {"specifications": sized_object(16384)},
        {"metadata": sized_object(8192)},
    ):
        order = ok(compact(user, order_body(**change)), 201)
        assert {k: order[k] for k in change} == change


def test_numbers_are_never_the_same(user, other, together):
    orders = together(*[lambda who=who: who.create_order() for who in (user, other) * 8])
    assert len({o["number"] for o in orders}) == 16 and min(o["number"] for o in orders) >= 1000


def test_admins_place_no_orders(admin):
    assert_problem(admin.post("/orders", json=order_body()), 403, "forbidden")


# Reading


def test_one_order_is_for_its_owner_and_admins(user, other, admin, other_gateway):
    order = user.create_order()
    assert admin.order(order["id"]) == user.at(other_gateway).order(order["id"]) == order
    assert_problem(other.get(f"/orders/{order['id']}"), 403, "forbidden")
    for reader in (user, admin):
        assert_problem(reader.get(f"/orders/{uuid.uuid4()}"), 404, "not-found")
        assert_problem(reader.get("/orders/42"), 400, "invalid-id")


def test_a_list_shows_ones_own_orders_newest_first_and_admins_all(user, other, admin):
    mine = [user.create_order()["id"] for _ in range(5)]
    theirs = other.create_order()["id"]
    assert [o["id"] for o in all_pages(user, "/orders", limit=2)] == mine[::-1]
    assert [o["id"] for o in all_pages(admin, "/orders", limit=2, ownerId=user.id)] == mine[::-1]
    everyone = [o["id"] for o in ok(admin.get("/orders", params={"limit": 100}))["items"]]
    assert theirs in everyone and mine[-1] in everyone
    assert_problem(user.get("/orders", params={"ownerId": other.id}), 403, "forbidden")
    for order in ok(user.get("/orders"))["items"]:
        assert_order(order)
        assert order == user.order(order["id"])


def test_orders_are_found_by_status(user, admin):
    review, processing, completed = user.create_order(), user.closed_order(admin), user.closed_order(admin)
    ok(admin.complete(completed["id"]))
    for status, order in (("Review", review), ("Processing", processing), ("Completed", completed)):
        assert [o["id"] for o in ok(user.get("/orders", params={"status": status}))["items"]] == [order["id"]]
    assert_problem(user.get("/orders", params={"status": "Lost"}), 400, "validation-failed", "status")


def test_orders_are_found_by_a_literal_part_of_number_or_text(user):
    odd = user.create_order(description="Half price: 50%_off \\ Gr\u00fcn")
    plain = user.create_order(description="Half price: 50 pieces off")

    def found(q):
        return [o["id"] for o in ok(user.get("/orders", params={"q": q}))["items"]]

    assert found("HALF PRICE") == [plain["id"], odd["id"]]
    assert found("50%") == found("%_o") == found("\\") == found("gr\u00fcn") == [odd["id"]]
    assert found("50 p") == [plain["id"]]
    assert odd["id"] in found(str(odd["number"])) and found("no such text") == []
    assert found("0%_0") == []


def test_a_period_includes_its_start_and_excludes_its_end(user):
    first, second, third = [user.create_order() for _ in range(3)]

    def found(**period):
        return {o["id"] for o in ok(user.get("/orders", params=period))["items"]}

    assert {second["id"], third["id"]} <= found(**{"from": second["createdAt"]})
    assert second["id"] not in found(to=second["createdAt"]) and third["id"] not in found(to=third["createdAt"])
    assert found(**{"from": "2001-01-01T00:00:00.000Z", "to": "2001-01-02T00:00:00.000Z"}) == set()
    assert first["id"] in found(**{"from": first["createdAt"], "to": "2999-01-01T00:00:00.000Z"})
    for field in ("from", "to"):
        for value in ("yesterday", "2026-13-01T00:00:00.000Z"):
            assert_problem(user.get("/orders", params={field: value}), 400, "validation-failed", field)


# Changing


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Fifty"},
        {"specifications": {"wood": "ash"}},
        {"quantity": 50},
        {"metadata": {"a": 1}},
        {"metadata": None},
        {"description": "b", "quantity": 2},
    ],
)
def test_the_owner_changes_an_order_in_review(user, change):
    before = user.create_order(metadata={"from": "here"})
    answer = user.patch(f"/orders/{before['id']}", json=change)
    after = ok(answer)
    assert_order(after)
    assert {**after, "version": 0, "updatedAt": 0} == {**before, **change, "version": 0, "updatedAt": 0}
    assert after["version"] > before["version"] and after["updatedAt"] >= before["updatedAt"]
    assert answer.headers["ETag"] == f'"{after["version"]}"' and user.order(before["id"]) == after


@pytest.mark.parametrize(
    "change, field",
    [
        ({}, None),
        ({"description": None}, "description"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"specifications": None}, "specifications"),
        ({"status": "Processing"}, "status"),
        ({"version": 3}, "version"),
    ],
)
def test_a_bad_change_is_refused(user, change, field):
    order = user.create_order()
    assert_problem(user.patch(f"/orders/{order['id']}", json=change), 400, "validation-failed", field)
    assert user.order(order["id"]) == order


def test_only_the_owner_changes_an_order_and_only_in_review(user, other, admin):
    order = user.create_order()
    for person in (other, admin):
        assert_problem(person.patch(f"/orders/{order['id']}", json={"quantity": 2}), 403, "forbidden")
    admin.close(order["id"])
    user.until_status(order["id"], "Processing", timeout=5)
    assert_problem(user.patch(f"/orders/{order['id']}", json={"quantity": 2}), 409, "order-not-editable")
    ok(admin.complete(order["id"]))
    assert_problem(user.patch(f"/orders/{order['id']}", json={"quantity": 2}), 409, "order-not-editable")


# Completing


def test_an_admin_completes_an_order_in_processing(user, admin):
    before = user.closed_order(admin)
    answer = admin.complete(before["id"])
    after = ok(answer)
    assert_order(after)
    assert after["status"] == "Completed" and after["version"] > before["version"]
    assert answer.headers["ETag"] == f'"{after["version"]}"' and user.order(before["id"]) == after


def test_every_other_move_is_refused_and_says_what_is_allowed(user, admin):
    allowed = {"Review": ["Processing"], "Processing": ["Completed"], "Completed": []}
    order = user.create_order()
    for current in ("Review", "Processing", "Completed"):
        for wanted in ("Review", "Processing", "Completed"):
            if (current, wanted) == ("Processing", "Completed"):
                continue
            answer = admin.patch(f"/orders/{order['id']}/status", json={"status": wanted})
            problem = assert_problem(answer, 409, "invalid-status-transition")
            assert (problem["from"], problem["to"]) == (current, wanted), problem
            # What the order as such may become; Processing only by closing its room.
            assert set(problem["allowed"]) <= set(allowed[current]), problem
        if current == "Review":
            admin.close(order["id"])
            user.until_status(order["id"], "Processing", timeout=5)
        elif current == "Processing":
            ok(admin.complete(order["id"]))


@pytest.mark.parametrize(
    "body",
    [
        {"status": "Lost"},
        {"status": "completed"},
        {"status": None},
        {"status": 3},
        {},
        {"status": "Completed", "force": True},
    ],
)
def test_an_unknown_status_is_a_bad_request(user, admin, body):
    order = user.create_order()
    assert_problem(admin.patch(f"/orders/{order['id']}/status", json=body), 400, "validation-failed")


# History and numbers


def test_the_history_tells_the_whole_life_oldest_first(user, other, admin):
    order = user.create_order(metadata={"a": 1})
    ok(user.patch(f"/orders/{order['id']}", json={"quantity": 7, "metadata": None}))
    admin.close(order["id"])
    user.until_status(order["id"], "Processing", timeout=5)
    ok(admin.complete(order["id"]))
    entries = user.history(order["id"])["items"]
    assert [e["type"] for e in entries] == ["created", "updated", "status-changed", "status-changed"], entries
    owner = {"id": user.id, "name": user.user["name"], "role": "Regular"}
    assert entries[0]["actor"] == entries[1]["actor"] == owner
    assert entries[1]["changes"] == {"quantity": {"from": 40, "to": 7}, "metadata": {"from": {"a": 1}, "to": None}}
    moves = [(e["from"], e["to"], e["actor"]["id"], e["actor"]["role"]) for e in entries[2:]]
    assert moves == [("Review", "Processing", admin.id, "Admin"), ("Processing", "Completed", admin.id, "Admin")]
    assert [e["at"] for e in entries] == sorted(e["at"] for e in entries)
    assert all_pages(admin, f"/orders/{order['id']}/history", limit=1) == entries
    assert_problem(other.get(f"/orders/{order['id']}/history"), 403, "forbidden")
    assert_problem(user.get(f"/orders/{uuid.uuid4()}/history"), 404, "not-found")
    assert_problem(user.get(f"/orders/{order['id']}/history", params={"cursor": "!"}), 400, "invalid-cursor")


def test_the_statistics_count_every_order(user, admin):
    before = ok(admin.get("/orders/stats"))
    assert set(before) == {"Review", "Processing", "Completed", "total"}
    user.create_order()
    done = user.closed_order(admin)
    ok(admin.complete(done["id"]))
    after = ok(admin.get("/orders/stats"))
    # Other tests may be placing orders too.
    assert after["total"] >= before["total"] + 2 and after["Completed"] >= before["Completed"] + 1
    assert after["total"] == after["Review"] + after["Processing"] + after["Completed"]
    assert_problem(user.get("/orders/stats"), 403, "forbidden")
