"""docs/api.md §1.7: how often clients may ask, at all gateways together."""

import json
import re
import time

import pytest
from websockets.exceptions import InvalidStatus

from Harness.person import Person, ok, unique_email
from Harness.ports import free_ports
from Harness.probes import metric
from Harness.shapes import assert_problem
from Harness.sockets import Sockets, WsClient, run_async
from Harness.stack import FIRST_ADMIN, Stack, running

pytestmark = pytest.mark.processes

READ, WRITE, ANONYMOUS, SIGN_IN = 200, 100, 300, 100


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(
        tmp_path_factory.mktemp("limits") / "data",
        **FIRST_ADMIN,
        RATE_LIMIT_ENABLED="true",
        RATE_LIMIT_READ=f"{READ}/1h",
        RATE_LIMIT_WRITE=f"{WRITE}/1h",
        RATE_LIMIT_ANONYMOUS=f"{ANONYMOUS}/1h",
        RATE_LIMIT_SIGN_IN=f"{SIGN_IN}/1h",
        TRUSTED_PROXIES="127.0.0.1",
    )
    with running(stack, "--port", free_ports(2), "--gateways", 2):
        yield stack


counter = iter(range(1, 250))


@pytest.fixture
def elsewhere():
    """Headers by which a request comes from an address that no other test has."""
    return {"X-Forwarded-For": f"198.51.100.{next(counter)}"}


@pytest.fixture
def person(stack, elsewhere):
    person = Person(stack.gateways[0])
    body = {"name": "Ann", "email": unique_email(), "password": "a password of tests 1", "tokenDelivery": "body"}
    person.token = ok(person.post("/auth/register", json=body, headers=elsewhere), 201)["accessToken"]
    return person


def fields(answer):
    """The budget's name, what it holds, in how many seconds, what is left, and when there is more."""
    policy = re.fullmatch(r'"([a-z-]+)";q=(\d+);w=(\d+)', answer.headers["RateLimit-Policy"])
    standing = re.fullmatch(r'"([a-z-]+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert policy and standing and policy[1] == standing[1], answer.headers
    return policy[1], int(policy[2]), int(policy[3]), int(standing[2]), int(standing[3])


def assert_refused(answer, kind):
    assert_problem(answer, 429, "rate-limited")
    name, _, _, left, wait = fields(answer)
    assert (name, left) == (kind, 0) and 0 < int(answer.headers["Retry-After"]) <= wait + 1, answer.headers


def test_every_counted_answer_says_how_the_client_stands(person):
    assert fields(person.get("/users/me"))[:4] == ("read", READ, 3600, READ // 10 - 1)
    assert fields(person.get("/orders/nonsense"))[:4] == ("read", READ, 3600, READ // 10 - 2)
    assert fields(person.post("/orders", json={}))[:4] == ("write", WRITE, 3600, WRITE // 10 - 1)
    assert "RateLimit" not in person.get("/health/ready", prefix="").headers


@pytest.mark.parametrize("kind, path, burst", [("read", "/users/me", READ // 10), ("write", "/orders", WRITE // 10)])
def test_a_user_has_a_budget_once_for_all_gateways(stack, person, kind, path, burst):
    people = [person.at(gateway) for gateway in stack.gateways]
    answers = []
    for n in range(2 * burst):
        answers.append(people[n % 2].get(path) if kind == "read" else people[n % 2].post(path, json={}))
        time.sleep(0.05)  # noqa: TID251 as long as word of it takes to the other gateway
    let_in = [answer for answer in answers if answer.status_code != 429]
    assert burst <= len(let_in) <= burst * 1.1 + 1, len(let_in)
    for answer in answers:
        if answer.status_code == 429:
            assert_refused(answer, kind)


def test_one_users_budget_is_nobody_elses(stack, person, elsewhere):
    for _ in range(READ // 10 + 1):
        last = person.get("/users/me")
    assert_refused(last, "read")
    assert person.post("/orders", json={}).status_code == 400
    other = Person(stack.gateways[0])
    body = {"name": "Ben", "email": unique_email(), "password": "a password of tests 1", "tokenDelivery": "body"}
    other.token = ok(other.post("/auth/register", json=body, headers=elsewhere), 201)["accessToken"]
    ok(other.get("/users/me"))


def test_who_is_not_signed_in_is_counted_by_address(stack, elsewhere):
    anonymous = Person(stack.gateways[0])
    anonymous.token = "nonsense"
    statuses = [anonymous.get("/users/me", headers=elsewhere).status_code for _ in range(ANONYMOUS // 10)]
    assert statuses == [401] * (ANONYMOUS // 10)
    assert_refused(anonymous.get("/users/me", headers=elsewhere), "anonymous")
    assert_refused(anonymous.get("/.well-known/jwks.json", prefix="", headers=elsewhere), "anonymous")
    assert_refused(anonymous.get("/nowhere", headers=elsewhere), "anonymous")
    polling = {"EIO": "4", "transport": "polling"}
    answer = anonymous.get("/socket.io/", prefix="", params=polling, headers={**elsewhere, "Authorization": ""})
    assert answer.status_code == 429, answer.text
    # IPv4 in IPv6 is the same address; what is claimed by somebody who is no proxy is not believed.
    mapped = {"X-Forwarded-For": f"::ffff:{elsewhere['X-Forwarded-For']}"}
    assert anonymous.get("/users/me", headers=mapped).status_code == 429
    lying = {"X-Forwarded-For": f"203.0.113.7, {elsewhere['X-Forwarded-For']}"}
    assert anonymous.get("/users/me", headers=lying).status_code == 429
    assert anonymous.get("/users/me", headers={"X-Forwarded-For": "2001:db8::1"}).status_code == 401


def test_ipv6_is_counted_by_its_network(stack):
    anonymous = Person(stack.gateways[0])
    for n in range(ANONYMOUS // 10):
        where = {"X-Forwarded-For": f"2001:db8:7:7::{n:x}"}
        assert anonymous.get("/nowhere", headers=where).status_code == 404
    assert anonymous.get("/nowhere", headers={"X-Forwarded-For": "2001:db8:7:7:ffff::1"}).status_code == 429
    assert anonymous.get("/nowhere", headers={"X-Forwarded-For": "2001:db8:7:8::1"}).status_code == 404


def test_signing_in_is_counted_by_address_and_apart(stack, elsewhere):
    anonymous = Person(stack.gateways[0])

    def log_in(n):
        body = {"email": f"{n}-{unique_email()}", "password": "not a password"}
        return anonymous.at(stack.gateways[n % 2]).post("/auth/login", json=body, headers=elsewhere)

    answers = []
    for n in range(SIGN_IN // 10 + 2):
        answers.append(log_in(n))
        time.sleep(0.05)  # noqa: TID251 as above
    assert [answer.status_code for answer in answers] == [401] * (SIGN_IN // 10) + [429] * 2
    assert_refused(answers[-1], "sign-in")
    assert anonymous.get("/nowhere", headers=elsewhere).status_code == 404


@run_async
async def test_opening_sockets_counts_and_the_problem_is_the_same(stack, elsewhere):
    async with Sockets() as sockets:
        for _ in range(ANONYMOUS // 10):
            sockets.keep(await WsClient.connect(stack.gateways[0], headers=elsewhere))
        with pytest.raises(InvalidStatus) as refused:
            await WsClient.connect(stack.gateways[0], headers=elsewhere)
    assert refused.value.response.status_code == 429
    assert json.loads(refused.value.response.body)["code"] == "rate-limited"
    assert int(refused.value.response.headers["Retry-After"]) > 0


def test_what_was_refused_can_be_seen(stack):
    ops = [url for name, url in stack.run["ops"].items() if name.startswith("gateway")]
    assert sum(metric(url, "orderline_rate_limited") for url in ops) > 0
    assert sum(metric(url, "orderline_rate_budgets") for url in ops) > 0
