"""A process that stood still does not carry out what nobody waits for any more."""

import time

import pytest

from Harness.person import Person, ok, order_body
from Harness.shapes import assert_problem
from Harness.waiting import until
from small import small_system


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(tmp_path_factory.mktemp("still") / "data", gateways=1) as running:
        yield running


def test_what_was_answered_504_is_not_done_when_the_process_wakes(stack, user):
    stack.until_ready()
    room = user.create_order()["id"]
    ok(user.post(f"/chat/rooms/{room}/messages", json={"content": "before"}), 201)
    # One that does not ask again.
    impatient = Person(user.base, user.token, user.user)
    with stack.still("orders-1"), stack.still("chat-1"):
        begun = time.monotonic()
        assert_problem(impatient.post("/orders", json=order_body(description="nobody waits")), 504, "upstream-timeout")
        assert_problem(
            impatient.post(f"/chat/rooms/{room}/messages", json={"content": "nobody waits"}), 504, "upstream-timeout"
        )
        assert time.monotonic() - begun > 8
    stack.until_ready()
    # What comes now is done; by then what had come before has been looked at.
    until(lambda: impatient.post("/orders", json=order_body()).status_code == 201, 10)
    until(lambda: impatient.post(f"/chat/rooms/{room}/messages", json={"content": "after"}).status_code == 201, 10)
    listed = [order["description"] for order in ok(user.get("/orders"))["items"]]
    assert "nobody waits" not in listed
    said = [message["content"] for message in ok(user.get(f"/chat/rooms/{room}/messages"))["items"]]
    assert said == ["before", "after"]
    for name in ("orders-1", "chat-1"):
        assert "requests dropped" in stack.log(name)
