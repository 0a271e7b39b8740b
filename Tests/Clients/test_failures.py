"""What clients see when processes stop, die and come back. Run alone: these disturb everything else."""

import os
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from Harness.person import all_pages, ok, order_body
from Harness.processes import standing_still
from Harness.shapes import assert_problem
from Harness.sockets import WsClient, run_async
from Harness.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def whole_again(stack, gateways, make_user):
    """Ends a test only when every part of the system answers through every gateway again."""
    yield
    person = until(lambda: attempt(make_user), 60, every=0.2)
    for gateway in gateways:

        def works():
            there = person.at(gateway)
            return there.get(f"/chat/rooms/{there.create_order()['id']}").status_code == 200

        until(lambda: attempt(works), 60, every=0.2)


def attempt(action):
    try:
        return action()
    except (AssertionError, requests.RequestException):
        return None


@contextmanager
def load(action, threads=4):
    """Repeats `action` in threads for the time of the block and hands over the list of its results."""
    results, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            results.append(action())

    with ThreadPoolExecutor(max_workers=threads) as pool:
        running = [pool.submit(work) for _ in range(threads)]
        try:
            yield results
        finally:
            stop.set()
    for worker in running:
        worker.result()


def restarted(stack, name, pid):
    """Waits until the process has another pid in run.json and is ready; returns that pid."""
    new = until(lambda: (now := stack.run["pids"].get(name)) != pid and now, 30)
    stack.until_ready(name, bound=30)
    return new


READ = {"orders": "/orders", "chat": "/chat/rooms", "auth": "/auth/sessions"}


@pytest.mark.parametrize("service", READ)
def test_a_service_that_stands_still_is_a_timeout_and_comes_back(stack, user, service):
    with standing_still(stack.pids_of(service).values()):
        start = time.monotonic()
        answer = user.get(READ[service])
        assert_problem(answer, 504, "upstream-timeout")
        assert time.monotonic() - start < 60
        for neighbour in READ.keys() - {service}:
            ok(user.get(READ[neighbour]))
    until(lambda: user.get(READ[service]).status_code == 200, 10)


@pytest.mark.parametrize("service", READ)
def test_a_service_that_is_gone_is_unavailable_and_comes_back(stack, user, service):
    # A call every 10 ms, each on its own: some die with the processes, some come when nobody is there.
    answers = []
    with ThreadPoolExecutor(max_workers=200) as pool:
        for pid in stack.pids_of(service).values():
            os.kill(pid, signal.SIGKILL)
        calls = []
        for _ in range(150):
            calls.append(pool.submit(lambda: user.at(user.base).get(READ[service])))
            time.sleep(0.01)  # noqa: TID251 the pace of the calls
        for neighbour in READ.keys() - {service}:
            ok(user.get(READ[neighbour]))
        answers = [call.result() for call in calls]
    until(lambda: user.get(READ[service]).status_code == 200, 30)
    assert any(answer.status_code == 503 for answer in answers), [a.status_code for a in answers]
    for answer in answers:
        if answer.status_code == 503:
            assert_problem(answer, 503, "service-unavailable")
            assert int(answer.headers["Retry-After"]) >= 0
        elif answer.status_code != 200:
            assert_problem(answer, 504, "upstream-timeout")


@pytest.mark.parametrize("service", ["orders", "chat", "auth"])
def test_restarting_one_of_two_under_load_fails_no_request(stack, user, service):
    order = user.create_order()["id"]
    calls = {
        "orders": lambda: user.post("/orders", json=order_body()),
        "chat": lambda: user.post(f"/chat/rooms/{order}/messages", json={"content": "under load"}),
        "auth": lambda: user.get("/users/me"),
    }
    with load(calls[service]) as answers:
        until(lambda: len(answers) > 20, 10)
        for name, pid in stack.pids_of(service).items():
            os.kill(pid, signal.SIGTERM)
            restarted(stack, name, pid)
            count = len(answers)
            until(lambda: len(answers) > count + 50, 20)
    failed = [a.text for a in answers if a.status_code not in (200, 201)]
    assert not failed, failed[:5]
    if service == "chat":
        assert user.room(order)["lastSeq"] == len(answers)


def test_no_acknowledged_message_is_lost_or_doubled_when_chat_is_killed(stack, user):
    order = user.create_order()["id"]

    def send():
        mark = str(uuid.uuid4())
        body = {"content": mark, "clientMessageId": mark}
        answer = until(lambda: (a := user.post(f"/chat/rooms/{order}/messages", json=body)).ok and a, 60, every=0.1)
        return mark, answer.json()["seq"]

    with load(send) as sent:
        for name, pid in stack.pids_of("chat").items():
            count = len(sent)
            until(lambda: len(sent) > count + 30, 60)
            os.kill(pid, signal.SIGKILL)
            restarted(stack, name, pid)
    found, after = [], 0
    while items := user.messages(order, after=after, limit=100)["items"]:
        found += items
        after = items[-1]["seq"]
    assert [m["seq"] for m in found] == list(range(1, len(found) + 1))
    assert sorted((m["content"], m["seq"]) for m in found) == sorted(sent)


def test_a_key_whose_process_died_is_free_or_answered_within_five_seconds(stack, user):
    headers, mark = {"Idempotency-Key": uuid.uuid4().hex}, uuid.uuid4().hex

    def place():
        return user.at(user.base).post("/orders", json=order_body(description=mark), headers=headers)

    old = stack.pids_of("orders")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with standing_still(old.values()):
            first = pool.submit(place)
            # Usually on its way to one of them when they die; that cannot be seen from outside.
            until(first.running, 5)
            for pid in old.values():
                os.kill(pid, signal.SIGKILL)
        for name, pid in old.items():
            restarted(stack, name, pid)
        until(lambda: user.get("/orders").status_code == 200, 30)
        answer = until(lambda: (a := place()).status_code == 201 and a, 5)
        first.result()
    found = [o["id"] for o in all_pages(user, "/orders", q=mark)]
    assert found == [answer.json()["id"]]


def test_closing_reaches_the_order_though_orders_is_away(stack, user, admin):
    order = user.create_order()["id"]
    user.say(order)
    with standing_still(stack.pids_of("orders").values()):
        admin.close(order)
    user.until_status(order, "Processing", timeout=10)
    assert [e["type"] for e in user.history(order)["items"]] == ["created", "status-changed"]


@pytest.mark.parametrize("part, signals", [("nats", signal.SIGKILL), ("postgres", signal.SIGQUIT)])
def test_nothing_acknowledged_is_lost_with_the_broker_or_the_database(stack, user, admin, part, signals):
    kept = [user.create_order()["id"] for _ in range(10)]
    for order in kept:
        user.say(order, "before")
    admin.close(kept[0])
    processes = dict(stack.run["pids"])
    os.kill(stack.run[part]["pid"], signals)
    until(lambda: (o := attempt(user.create_order)) and attempt(lambda: user.say(o["id"])), 60, every=0.2)
    assert dict(stack.run["pids"]) == processes, "a process exits because a neighbour is gone"
    assert set(kept) <= {o["id"] for o in all_pages(user, "/orders", limit=100)}
    for order in kept:
        assert user.messages(order)["items"][0]["content"] == "before"
    user.until_status(kept[0], "Processing", timeout=30)
    assert [e["type"] for e in user.history(kept[0])["items"]] == ["created", "status-changed"]


@run_async
async def test_a_gateway_that_restarts_tells_its_sockets(stack, gateways, user):
    name = sorted(stack.pids_of("gateway"))[0]
    pid = stack.pids_of("gateway")[name]
    clients = [await WsClient.connect(gateways[0], user.token) for _ in range(5)]
    staying = await WsClient.connect(gateways[-1], user.token)
    os.kill(pid, signal.SIGTERM)
    for client in clients:
        await client.wait_closed(32)
        assert client.close_code == 1012
    await staying.refused("dance", {}, 404, "not-found")
    await staying.close()
    restarted(stack, name, pid)
