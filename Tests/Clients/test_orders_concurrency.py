"""Versions and conditional requests (docs/api.md §1.6), and races that must have one winner (README.md, promise 6)."""

import itertools

import pytest

from Harness.person import ok
from Harness.shapes import assert_problem


def match(version):
    return {"If-Match": f'"{version}"'}


def assert_one_winner(answers, *losers):
    won = [a for a in answers if a.status_code == 200]
    assert len(won) == 1, [a.text for a in answers]
    for answer in answers:
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["code"]) in losers, answer.text
            assert_problem(answer, answer.status_code, answer.json()["code"])
    return won[0].json()


def test_a_copy_that_is_current_is_not_sent_again(user, other_gateway):
    order = user.create_order()
    path = f"/orders/{order['id']}"
    current = {"If-None-Match": f'"{order["version"]}"'}
    answer = user.at(other_gateway).get(path, headers=current)
    assert answer.status_code == 304 and not answer.content, answer.text
    assert answer.headers["ETag"] == f'"{order["version"]}"'
    listed = {"If-None-Match": f'"999", "{order["version"]}"'}
    assert user.get(path, headers=listed).status_code == 304
    changed = ok(user.patch(path, json={"quantity": 3}))
    assert ok(user.get(path, headers=current)) == changed


def test_a_copy_that_is_current_is_still_only_for_those_who_may_see_it(user, other):
    order = user.create_order()
    answer = other.get(f"/orders/{order['id']}", headers={"If-None-Match": f'"{order["version"]}"'})
    assert_problem(answer, 403, "forbidden")


def test_a_change_of_another_version_is_refused(user):
    order = user.create_order()
    path = f"/orders/{order['id']}"
    changed = ok(user.patch(path, json={"quantity": 3}, headers=match(order["version"])))
    assert_problem(user.patch(path, json={"quantity": 4}, headers=match(order["version"])), 412, "version-mismatch")
    assert_problem(user.patch(path, json={"quantity": 4}, headers=match(999)), 412, "version-mismatch")
    assert user.order(order["id"]) == changed


def test_completing_another_version_is_refused(user, admin):
    order = user.closed_order(admin)
    assert_problem(admin.complete(order["id"], headers=match(order["version"] - 1)), 412, "version-mismatch")
    assert ok(admin.complete(order["id"], headers=match(order["version"])))["status"] == "Completed"


@pytest.mark.parametrize("value", ["nonsense", '"abc"', '"', "", '"99999999999999999999999"'])
def test_a_strange_if_match_changes_nothing(user, value):
    order = user.create_order()
    answer = user.patch(f"/orders/{order['id']}", json={"quantity": 3}, headers={"If-Match": value})
    assert answer.status_code < 500, answer.text
    if value:
        assert answer.status_code in (400, 412), answer.text
        assert user.order(order["id"]) == order


def test_of_racing_changes_to_one_version_one_wins(user, gateways, together):
    order = user.create_order()
    answers = together(
        *[
            lambda n=n: user.at(gateways[n % len(gateways)]).patch(
                f"/orders/{order['id']}", json={"quantity": 100 + n}, headers=match(order["version"])
            )
            for n in range(8)
        ]
    )
    winner = assert_one_winner(answers, (412, "version-mismatch"))
    assert user.order(order["id"]) == winner
    assert [e["type"] for e in user.history(order["id"])["items"]] == ["created", "updated"]


def test_changes_without_a_condition_all_happen_one_after_another(user, gateways, together):
    order = user.create_order()
    answers = together(
        *[
            lambda n=n: user.at(gateways[n % len(gateways)]).patch(f"/orders/{order['id']}", json={"quantity": 100 + n})
            for n in range(8)
        ]
    )
    versions = [ok(a)["version"] for a in answers]
    assert len(set(versions)) == 8, versions
    entries = user.history(order["id"])["items"]
    steps = [(e["changes"]["quantity"]["from"], e["changes"]["quantity"]["to"]) for e in entries[1:]]
    assert len(steps) == 8 and all(a[1] == b[0] for a, b in itertools.pairwise(steps)), steps
    assert user.order(order["id"])["quantity"] == steps[-1][1]


def test_of_racing_admins_one_completes_the_order(user, admin, make_admin, gateways, together):
    order = user.closed_order(admin)
    racers = [admin, make_admin(), make_admin()] * 3
    answers = together(
        *[
            lambda n=n, who=who: who.at(gateways[n % len(gateways)]).complete(order["id"])
            for n, who in enumerate(racers)
        ]
    )
    winner = assert_one_winner(answers, (409, "invalid-status-transition"), (412, "version-mismatch"))
    assert user.order(order["id"]) == winner
    moves = [(e["from"], e["to"]) for e in user.history(order["id"])["items"] if e["type"] == "status-changed"]
    assert moves == [("Review", "Processing"), ("Processing", "Completed")]


def test_of_racing_admins_one_closes_the_room(user, admin, make_admin, gateways, together):
    order = user.create_order()
    racers = [admin, make_admin(), make_admin()] * 3
    answers = together(
        *[
            lambda n=n, who=who: who.at(gateways[n % len(gateways)]).post(
                f"/chat/rooms/{order['id']}/close", json={"summary": f"Summary {n}"}
            )
            for n, who in enumerate(racers)
        ]
    )
    winner = assert_one_winner(answers, (409, "room-closed"))
    user.until_status(order["id"], "Processing", timeout=5)
    assert [e["type"] for e in user.history(order["id"])["items"]] == ["created", "status-changed"]
    messages = user.messages(order["id"])["items"]
    assert [(m["kind"], m["content"]) for m in messages] == [("summary", winner["summary"])]


def test_no_message_follows_the_summary_however_close_the_race(user, admin, together):
    order = user.create_order()
    path = f"/chat/rooms/{order['id']}/messages"
    sends = [lambda n=n: user.post(path, json={"content": f"m{n}"}) for n in range(10)]
    answers = together(*sends[:5], lambda: admin.close(order["id"], "The end"), *sends[5:])
    sent = 0
    for answer in answers[:5] + answers[6:]:
        sent += answer.status_code == 201
        if answer.status_code != 201:
            assert_problem(answer, 409, "room-closed")
    messages = user.messages(order["id"], limit=100)["items"]
    assert [m["seq"] for m in messages] == list(range(1, sent + 2))
    assert messages[-1]["kind"] == "summary" and all(m["kind"] == "text" for m in messages[:-1])
