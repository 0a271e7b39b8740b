"""docs/api.md §3.5: what Admins do with other people's accounts."""

import uuid

import pytest

from Harness.person import Person, all_pages, ok
from Harness.shapes import assert_problem, assert_user
from Harness.sockets import DOORS, Sockets, run_async
from Harness.waiting import until, until_async


def assert_cut_off(person):
    """The person's access token is worth nothing within a second."""
    until(lambda: person.get("/orders").status_code in (401, 403), 1)


def test_admins_find_people_by_name_address_and_role(admin, make_user):
    mark = uuid.uuid4().hex[:12]
    people = [make_user(name=f"{mark} {n}") for n in range(5)]
    found = all_pages(admin, "/users", q=mark.upper(), limit=2)
    assert {u["id"] for u in found} == {p.id for p in people} and len(found) == 5
    for person in found:
        assert_user(person)
    assert [u["id"] for u in ok(admin.get("/users", params={"q": people[0].email}))["items"]] == [people[0].id]
    assert ok(admin.get("/users", params={"q": mark, "role": "Admin"}))["items"] == []
    assert len(ok(admin.get("/users", params={"q": mark, "role": "Regular"}))["items"]) == 5
    assert ok(admin.get("/users", params={"q": mark[:6] + "%" + mark[7:]}))["items"] == []
    assert_problem(admin.get("/users", params={"role": "Root"}), 400, "validation-failed", "role")


def test_admins_read_one_person(admin, user):
    assert ok(admin.get(f"/users/{user.id}")) == user.user
    assert_problem(admin.get(f"/users/{uuid.uuid4()}"), 404, "not-found")
    assert_problem(admin.get("/users/not-an-id"), 400, "invalid-id")


def test_disabling_cuts_off_at_once_and_enabling_lets_in_again(admin, user, other_gateway):
    answer = ok(admin.patch(f"/users/{user.id}", json={"disabled": True}))
    assert answer == {**user.user, "disabled": True}
    assert_cut_off(user)
    assert_cut_off(user.at(other_gateway))
    assert user.post("/auth/refresh").status_code in (401, 403)
    assert ok(admin.patch(f"/users/{user.id}", json={"disabled": False}))["disabled"] is False
    user.login()
    ok(user.get("/users/me"))


def test_a_change_of_role_counts_at_once(admin, user, other_gateway):
    order = user.create_order()
    assert ok(admin.patch(f"/users/{user.id}", json={"role": "Admin"}))["role"] == "Admin"
    user.login()
    ok(user.get("/users"))
    ok(user.at(other_gateway).get("/orders/stats"))
    ok(admin.patch(f"/users/{user.id}", json={"role": "Regular"}))
    assert_cut_off(user)
    user.login()
    assert_problem(user.get("/users"), 403, "forbidden")
    assert user.order(order["id"])["owner"]["id"] == user.id


@pytest.mark.parametrize(
    "body, field",
    [
        ({"role": "Root"}, "role"),
        ({"role": None}, "role"),
        ({"disabled": None}, "disabled"),
        ({"disabled": "yes"}, "disabled"),
        ({"name": "Someone"}, "name"),
        ({"email": "a@example.com"}, "email"),
        ({}, None),
    ],
)
def test_a_bad_change_to_a_person_is_refused(admin, user, body, field):
    assert_problem(admin.patch(f"/users/{user.id}", json=body), 400, "validation-failed", field)
    assert ok(admin.get(f"/users/{user.id}")) == user.user


def test_changing_or_deleting_somebody_unknown_is_not_found(admin):
    assert_problem(admin.patch(f"/users/{uuid.uuid4()}", json={"disabled": True}), 404, "not-found")
    assert_problem(admin.delete(f"/users/{uuid.uuid4()}"), 404, "not-found")
    assert_problem(admin.patch("/users/not-an-id", json={"disabled": True}), 400, "invalid-id")
    assert_problem(admin.delete("/users/not-an-id"), 400, "invalid-id")


@pytest.mark.parametrize("body", [{"role": "Regular"}, {"disabled": True}])
def test_an_admin_cannot_demote_or_disable_themself(make_admin, body):
    someone = make_admin()
    assert_problem(someone.patch(f"/users/{someone.id}", json=body), 409, "forbidden-self-change")
    ok(someone.get("/users"))


def test_deleting_erases_the_person_and_keeps_the_work(admin, make_user):
    person = make_user(name="Vera Vanishing")
    order = person.create_order()
    person.say(order["id"], "Signed, a customer")
    assert admin.delete(f"/users/{person.id}").status_code == 204
    gone = ok(admin.get(f"/users/{person.id}"))
    assert (gone["name"], gone["email"], gone["disabled"]) == ("Deleted user", None, True)
    assert_cut_off(person)
    login = {"email": person.email, "password": person.password}
    assert_problem(Person(person.base).post("/auth/login", json=login), 401, "invalid-credentials")
    # Other services learn of it by an event.
    until(lambda: admin.order(order["id"])["owner"] == {"id": person.id, "name": "Deleted user"}, 5)
    until(lambda: admin.room(order["id"])["owner"]["name"] == "Deleted user", 5)
    message = until(lambda: (m := admin.messages(order["id"])["items"][0])["sender"]["name"] == "Deleted user" and m, 5)
    assert message["content"] == "Signed, a customer"
    assert ok(admin.get("/users", params={"q": person.email}))["items"] == []
    history = admin.history(order["id"])["items"]
    until(lambda: "Vera" not in admin.get(f"/orders/{order['id']}/history").text, 5)
    assert [entry["type"] for entry in history] == ["created"]


@run_async
async def test_an_admin_ends_all_sessions_of_somebody(admin, user, gateways):
    second = Person(user.base, email=user.email, password=user.password)
    await until_async(second.login)
    async with Sockets() as sockets:
        clients = [await sockets.open(door, gateway, user) for door in DOORS for gateway in gateways]
        await until_async(lambda: admin.delete(f"/users/{user.id}/sessions").status_code == 204)
        for client in clients:
            assert await client.wait_for("sessionEnded") == {"reason": "revoked"}
            await client.wait_closed()
    for person in (user, second):
        for gateway in gateways:
            assert_cut_off(person.at(gateway))
    assert_problem(user.post("/auth/refresh"), 401, "invalid-refresh-token")
    user.login()
    ok(user.get("/users/me"))


def test_ending_the_sessions_of_somebody_unknown_is_not_found(admin):
    assert_problem(admin.delete(f"/users/{uuid.uuid4()}/sessions"), 404, "not-found")
    assert_problem(admin.delete("/users/not-an-id/sessions"), 400, "invalid-id")
