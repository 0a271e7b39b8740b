"""The event stream is full: what is new is taken all the same, and who missed what went finds out and compares."""

import json

import pytest

from broker import new_event, publish
from Harness.person import ok
from Harness.waiting import until
from small import small_system

MAX_BYTES = 1 << 20


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with small_system(
        tmp_path_factory.mktemp("full") / "data",
        RECONCILE_INTERVAL="1d",
        EVENTS_MAX_AGE="1h",
        EVENTS_MAX_BYTES=str(MAX_BYTES),
    ) as running:
        yield running


def fill(stack):
    """Twice what the stream holds; nobody takes events of this kind."""
    for _ in range(2 * MAX_BYTES // 100_000):
        publish(stack, "auth.event.filler", {"text": "x" * 100_000}, **new_event())


def test_orders_placed_while_it_is_full_have_their_rooms_at_once(stack, user, admin):
    stack.until_ready()
    fill(stack)
    orders = [user.create_order()["id"] for _ in range(5)]
    until(lambda: {*orders} <= {room["order"] for room in stack.collect().rooms}, 10)
    admin.close(orders[0])
    user.until_status(orders[0], "Processing", timeout=10)


def test_events_that_were_dropped_before_they_were_taken_are_missed_and_mended(stack, user, admin):
    stack.until_ready()
    order = user.create_order()["id"]
    until(lambda: order in {room["order"] for room in stack.collect().rooms}, 10)
    # What a process misses before it has looked at the stream for the first time, its start's comparison mends.
    for name in ("chat-1", "orders-1"):
        until(lambda name=name: stack.metric(name, "orderline_events_stored_bytes_limit"), 30)
    # Comparing goes on once a day here: only a comparison that was asked for can mend this.
    with stack.still("chat-1"), stack.still("orders-1"):
        ok(user.patch("/users/me", json={"name": "Nora Renamed"}))
        until(lambda: stack.outbox("auth") == 0, 10)
        fill(stack)
    until(lambda: admin.order(order)["owner"]["name"] == "Nora Renamed", 60)
    until(lambda: admin.room(order)["owner"]["name"] == "Nora Renamed", 60)
    for name in ("chat-1", "orders-1"):
        until(lambda name=name: stack.metric(name, "orderline_events_missed"), 30)
        assert "the stream has dropped events" in stack.log(name)


def test_a_stream_that_is_nearly_full_is_told_before_it_drops_anything_unseen(stack):
    stack.until_ready()
    fill(stack)
    until(lambda: "full" in json.loads(stack.page("chat-1", "/health/ready")).get("warnings", {}).get("events", ""), 30)
    assert stack.metric("chat-1", "orderline_events_stored_bytes") > 0.8 * MAX_BYTES
    assert stack.metric("chat-1", "orderline_events_stored_bytes_limit") == MAX_BYTES


def test_one_user_with_large_orders_takes_no_more_of_it_than_others(stack, user):
    stack.until_ready()
    large = user.create_order(specifications="x" * 16_000)
    with stack.connect() as connection:
        # Whether it was sent already or not, no event was larger than an outline.
        sizes = connection.execute("select coalesce(max(length(payload)), 0) from orders.outbox").fetchone()[0]
    assert sizes < 4200
    assert user.order(large["id"])["specifications"] == "x" * 16_000
