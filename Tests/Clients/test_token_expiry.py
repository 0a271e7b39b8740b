"""An access token that has expired is refused everywhere, and refreshing brings one that is not (API §1, §2 and §3)."""

import time

import jwt
import pytest
import socketio
import websockets

from Harness.person import Person, ok, order_body
from Harness.ports import free_ports
from Harness.settings import seconds
from Harness.shapes import assert_problem, assert_problem_object
from Harness.sockets import DOORS, SioClient, Sockets, WsClient, run_async
from Harness.stack import Stack, running
from Harness.waiting import until, until_async

# A system of this file's own: waiting for the tokens of the one that all share would take a quarter of an hour.
pytestmark = pytest.mark.processes

# Long enough for what is tried before the end, also on a slow machine.
LIFETIME = int(seconds(6))


@pytest.fixture(scope="module")
def gateways(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("expiry") / "data", JWT_ACCESS_EXPIRATION=f"{LIFETIME}s")
    with running(stack, "--port", free_ports(2), "--gateways", 2):
        yield stack.gateways


@pytest.fixture
def person(gateways):
    one = Person(gateways[0])
    one.register()
    assert one.session["expiresIn"] == LIFETIME
    return one


def expiry(person):
    return jwt.decode(person.token, options={"verify_signature": False})["exp"]


def wait_for_expiry(person):
    """Returns soon after the token's last moment, whatever the server says of it."""
    until(lambda: time.time() > expiry(person) + 0.1, LIFETIME + 5)


def refreshed(person):
    """The same session with a new token."""
    return Person(person.base, ok(person.post("/auth/refresh"))["accessToken"], person.user)


def assert_expired(response):
    assert_problem(response, 401, "token-expired")
    assert response.headers["WWW-Authenticate"].split()[0] == "Bearer", response.headers


def test_calls_are_carried_out_until_the_token_expires_and_then_refused(gateways, person):
    order = person.create_order()["id"]
    while time.time() < expiry(person) - 1:
        ok(person.get("/users/me"))
    wait_for_expiry(person)
    # The first gateway has seen the token when it was good, the second one never.
    for gateway in gateways:
        late = person.at(gateway)
        assert_expired(late.get("/users/me"))
        assert_expired(late.get("/orders", params={"limit": 1000}))
        assert_expired(late.get(f"/orders/{order}"))
        assert_expired(late.patch(f"/orders/{order}", json={"quantity": 2}))
        assert_expired(late.post("/orders", json=order_body()))
        assert_expired(late.post(f"/chat/rooms/{order}/messages", json={"content": "too late"}))
    renewed = refreshed(person)
    assert renewed.messages(order)["items"] == [] and renewed.order(order)["version"] == 1
    assert len(ok(renewed.get("/orders"))["items"]) == 1


def test_a_forged_token_that_has_expired_does_not_say_so(gateways, person):
    """What is not ours is not looked into."""
    head, body, signature = person.token.split(".")
    wait_for_expiry(person)
    for token in (f"{head}.{body}.{signature[:-8]}AAAAAAAA", f"{head}.{body}."):
        assert_problem(Person(gateways[0], token).get("/users/me"), 401, "unauthenticated")


def test_refreshing_does_not_need_a_token_that_is_good(gateways, person):
    wait_for_expiry(person)
    assert_expired(person.get("/users/me"))
    for gateway in gateways:
        assert ok(refreshed(person).at(gateway).get("/users/me"))["id"] == person.id
    # An old token in the header beside the cookie is nobody's business.
    again = ok(person.post("/auth/refresh"))
    assert ok(Person(gateways[0], again["accessToken"]).get("/users/me"))["id"] == person.id


@run_async
async def test_a_socket_hears_that_its_session_expired_and_is_closed(gateways, person):
    order = person.create_order()["id"]
    async with Sockets() as sockets:
        clients = [await sockets.open(door, gateway, person) for door in DOORS for gateway in gateways]
        for client in clients:
            await client.join(order)
        for client in clients:
            assert await client.wait_for("sessionEnded", timeout=LIFETIME + 5) == {"reason": "expired"}
            assert time.time() >= expiry(person)
            await client.wait_closed(5)
            assert client.names()[-1] == "sessionEnded"
            if isinstance(client, WsClient):
                assert client.close_code == 4401


@run_async
async def test_a_socket_that_authenticates_again_outlives_its_first_token(gateways, person):
    order = person.create_order()["id"]
    async with Sockets() as sockets:
        clients = [await sockets.open(door, gateways[1], person) for door in DOORS]
        first = expiry(person)
        await until_async(lambda: time.time() > first - LIFETIME / 2, LIFETIME)
        renewed = refreshed(person)
        for client in clients:
            await client.call("authenticate", {"token": renewed.token})
            await client.join(order)
        await until_async(lambda: time.time() > first + 0.2, LIFETIME + 5)
        for client in clients:
            await client.say(order)
            assert "sessionEnded" not in client.names()
        for client in clients:
            assert await client.wait_for("sessionEnded", timeout=LIFETIME + 5) == {"reason": "expired"}
            assert time.time() >= expiry(renewed)


@run_async
async def test_no_door_opens_to_an_expired_token(gateways, person):
    wait_for_expiry(person)
    for gateway in gateways:
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await WsClient.connect(gateway, person.token)
        answer = refusal.value.response
        assert answer.status_code == 401 and b'"token-expired"' in answer.body, answer
        assert answer.headers["WWW-Authenticate"].split()[0] == "Bearer"
        with pytest.raises(socketio.exceptions.ConnectionError) as refusal:
            await SioClient.connect(gateway, person.token)
        assert_problem_object(refusal.value.client.connect_error["data"], 401, "token-expired")
        client = await WsClient.connect(gateway)
        await client.refused("authenticate", {"token": person.token}, 401, "token-expired")
        await client.wait_closed()
        assert client.close_code == 4401
