"""Sessions that end while a gateway is dead, stands still or has lost its link: it lets nobody in who is out."""

import asyncio
import json
import os
import signal
import time
from contextlib import contextmanager

import pytest
import requests
import socketio
import websockets

from Harness.person import ok, order_body
from Harness.probes import is_ready
from Harness.processes import standing_still
from Harness.settings import seconds
from Harness.shapes import assert_problem, assert_problem_object
from Harness.sockets import DOORS, SioClient, Sockets, WsClient, run_async
from Harness.waiting import until
from test_live_events import change_password, disable, erase, log_out, revoke

pytestmark = pytest.mark.processes


def demote(person, admin):
    ok(admin.patch(f"/users/{person.id}", json={"role": "Regular"}))


# With what the old token is refused: refreshing brings a new role, and nothing brings an ended session back.
ENDINGS = {
    log_out: "unauthenticated",
    revoke: "unauthenticated",
    change_password: "unauthenticated",
    disable: "unauthenticated",
    erase: "unauthenticated",
    demote: "token-expired",
}


@pytest.fixture(autouse=True)
def both_gateways_serve(gateways, make_user):
    """Ends a test only when each gateway serves again."""
    yield
    for gateway in gateways:
        until(lambda: is_ready(gateway), 60, every=0.2)
        until(lambda: reachable(make_user, gateway), 60, every=0.2)


def reachable(make_user, gateway):
    try:
        return make_user(gateway)
    except (AssertionError, requests.RequestException):
        return None


@pytest.fixture
def people(make_user, make_admin):
    """Somebody for each ending, signed in through the first gateway."""
    return {end: make_admin() if end is demote else make_user() for end in ENDINGS}


@contextmanager
def dead(stack, name):
    """The process is killed and is not started again before the end of the block."""
    with standing_still([stack.supervisor]):
        os.kill(stack.run["pids"][name], signal.SIGKILL)
        yield


async def by_http(person, gateway):
    """The refusal of a call; `None` when nobody answered, `"let in"` when it was carried out."""
    try:
        answer = await asyncio.to_thread(person.at(gateway).get, "/orders")
    except requests.ConnectionError:
        return None
    return "let in" if answer.ok else assert_problem(answer, answer.status_code, answer.json()["code"])["code"]


async def by_websocket(person, gateway):
    try:
        client = await WsClient.connect(gateway, person.token)
    except websockets.InvalidStatus as refusal:
        return json.loads(refusal.response.body)["code"]
    except (OSError, websockets.InvalidHandshake):
        return None
    await client.close()
    return "let in"


async def by_socketio(person, gateway):
    try:
        client = await SioClient.connect(gateway, person.token)
    except socketio.exceptions.ConnectionError as error:
        refusal = error.client.connect_error
        # Without a problem it was the connection that failed.
        problem = refusal.get("data") if isinstance(refusal, dict) else None
        return problem and assert_problem_object(problem, problem["status"], problem["code"])["code"]
    await client.close()
    return "let in"


WAYS = (by_http, by_websocket, by_socketio)


async def knock(way, person, gateway, enough):
    """Everything that was answered, one attempt after the other, until `enough` says so after an answer."""
    answers = []
    while not (answers and enough(answers)):
        if (answer := await way(person, gateway)) is not None:
            answers.append(answer)
        await asyncio.sleep(0.02)
    return answers


@run_async
async def test_a_gateway_that_was_dead_lets_nobody_in_whose_session_ended_meanwhile(
    stack, gateways, people, user, admin
):
    gateway = gateways[-1]
    async with Sockets() as sockets:
        with dead(stack, f"gateway-{len(gateways)}"):
            for end, person in people.items():
                clients = [await sockets.open(door, gateways[0], person) for door in DOORS]
                await asyncio.to_thread(end, person, admin)
                begun = time.monotonic()
                for client in clients:
                    await client.wait_closed()
                assert time.monotonic() - begun < seconds(1), end.__name__
            assert await by_http(user, gateway) is None
        async with asyncio.timeout(seconds(30)):
            # Somebody who may be let in tells when the door is open; those who may not are to knock before and after.
            welcome = asyncio.gather(
                *(knock(way, user, gateway, lambda answers: answers[-1] == "let in") for way in WAYS)
            )
            refused = [
                (
                    end,
                    way,
                    knock(
                        way, person, gateway, lambda answers: welcome.done() and answers[-1] != "service-unavailable"
                    ),
                )
                for end, person in people.items()
                for way in WAYS
            ]
            heard = await asyncio.gather(*(knocking for _, _, knocking in refused))
            await welcome
    for (end, way, _), answers in zip(refused, heard):
        # Before it knows who is out, a gateway says that it is not ready.
        assert set(answers) <= {"service-unavailable", ENDINGS[end]}, (end.__name__, way.__name__, answers)


@pytest.mark.parametrize("loses_link", [False, True], ids=["standing still", "and losing its link"])
@run_async
async def test_a_gateway_that_stood_still_cuts_the_sockets_of_sessions_that_ended_meanwhile(
    stack, gateways, people, user, admin, loses_link
):
    gateway = gateways[-1]
    async with Sockets() as sockets:
        clients = {end: [await sockets.open(door, gateway, person) for door in DOORS] for end, person in people.items()}
        with standing_still([stack.run["pids"][f"gateway-{len(gateways)}"]]):
            for end, person in people.items():
                await asyncio.to_thread(end, person, admin)
            if loses_link:
                await asyncio.to_thread(restart_nats, stack, user)
        begun = time.monotonic()
        took = {}
        for end, pair in clients.items():
            for client in pair:
                await client.wait_closed()
            took[end.__name__] = round(time.monotonic() - begun, 2), pair[0].close_code
        assert max(took.values())[0] < seconds(1), took
        assert {code for _, code in took.values()} == {4401}, took
    for end, person in people.items():
        assert_problem(person.at(gateway).get("/orders"), 401, ENDINGS[end])


def restart_nats(stack, person):
    """Kills the message server and waits until the first gateway works through the new one."""
    pid = stack.run["nats"]["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: stack.run["nats"]["pid"] not in (pid, None), 30)
    until(lambda: person.post("/orders", json=order_body()).status_code == 201, 30)
