"""docs/operating.md: `auth keys revoke`, and what gateways do within seconds."""

import jwt
import pytest

from Harness.commands import run_auth
from Harness.person import Person, ok
from Harness.ports import free_ports
from Harness.shapes import assert_problem
from Harness.sockets import DOORS, Sockets, run_async
from Harness.stack import FIRST_ADMIN, Stack, running
from Harness.waiting import until, until_async

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("keys") / "data", **FIRST_ADMIN)
    with running(stack, "--port", free_ports(2), "--gateways", 2, "--auth", 2):
        yield stack


def kid(person):
    return jwt.get_unverified_header(person.token)["kid"]


@run_async
async def test_a_revoked_key_is_good_for_nothing_within_seconds(stack):
    user = stack.registered()
    key = kid(user)
    async with Sockets() as sockets:
        clients = [await sockets.open(door, gateway, user) for door in DOORS for gateway in stack.gateways]
        result = await until_async(lambda: run_auth(stack, "keys", "revoke", key))
        assert result.returncode == 0 and key in result.stdout, result
        assert f" security: signing key revoked event=crypto_key_revoked key.id={key}\n" in result.stderr, result
        for client in clients:
            assert await client.wait_for("sessionEnded") == {"reason": "expired"}
            await client.wait_closed()
    for gateway in stack.gateways:
        await until_async(lambda g=gateway: user.at(g).get("/users/me").status_code == 401, 5)
        assert_problem(user.at(gateway).get("/users/me"), 401, "token-expired")
        keys = ok(Person(gateway).get("/.well-known/jwks.json", prefix=""))["keys"]
        assert key not in [each["kid"] for each in keys] and keys

    # Whoever refreshes has a token of the new key, once the replica that answers has heard of it.
    def renewed():
        session = ok(user.post("/auth/refresh"))
        return jwt.get_unverified_header(session["accessToken"])["kid"] != key and session

    session = await until_async(renewed, 15)
    for gateway in stack.gateways:
        await until_async(lambda g=gateway: ok(Person(g, session["accessToken"]).get("/users/me")), 5)


def test_a_rotated_key_stays_good_until_it_is_revoked(stack):
    before = stack.registered()
    assert run_auth(stack, "keys", "rotate").returncode == 0
    after = stack.registered()
    until(lambda: after.login() and kid(after) != kid(before), 15, every=0.5)
    ok(before.get("/users/me"))
    assert run_auth(stack, "keys", "revoke", kid(before)).returncode == 0
    until(lambda: before.get("/users/me").status_code == 401, 5)
    ok(after.get("/users/me"))


@pytest.mark.parametrize("name", ["nonsense", "-hSome", "--no-option"])
def test_a_key_that_is_not_there_is_not_revoked(stack, name):
    result = run_auth(stack, "keys", "revoke", name)
    assert result.returncode != 0 and name in result.stderr, result


def test_one_key_is_revoked_at_a_time_and_help_is_given(stack):
    assert run_auth(stack, "keys", "revoke").returncode != 0
    assert run_auth(stack, "keys", "revoke", "a", "b").returncode != 0
    assert "kid" in run_auth(stack, "keys", "revoke", "--help").stdout
