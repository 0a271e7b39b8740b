"""docs/api.md §3.4: how often passwords can be tried, and what a stranger learns and does by trying."""

import statistics
import time

import pytest

from Harness.person import PASSWORD, Person, ok, unique_email
from Harness.shapes import assert_problem

WRONG = "not the password"


def log_in(base, email, password=WRONG, person=None, **extra):
    return (person or Person(base)).post("/auth/login", json={"email": email, "password": password, **extra})


def test_after_ten_wrong_ones_one_has_to_wait_whatever_the_account(make_user, gateways):
    answers = []
    for email in (make_user().email, unique_email()):
        tried = [log_in(gateways[n % len(gateways)], email) for n in range(12)]
        for answer in tried[:10]:
            assert_problem(answer, 401, "invalid-credentials")
        for answer in tried[10:]:
            assert_problem(answer, 429, "too-many-attempts")
            assert 0 < int(answer.headers["Retry-After"]) <= 30
        answers.append([{**answer.json(), "requestId": None} for answer in tried])
    assert answers[0] == answers[1]


def test_of_guesses_at_the_same_moment_at_all_replicas_ten_are_looked_at(user, gateways, together):
    answers = together(*[lambda n=n: log_in(gateways[n % len(gateways)], user.email) for n in range(40)])
    codes = [answer.status_code for answer in answers]
    assert codes.count(401) == 10 and codes.count(429) == 30, codes


def test_right_sign_ins_at_the_same_moment_are_all_let_in(user, gateways, together):
    answers = together(*[lambda n=n: log_in(gateways[n % len(gateways)], user.email, user.password) for n in range(25)])
    assert [answer.status_code for answer in answers] == [200] * 25


def test_a_stranger_locks_no_device_out_that_signed_in_before(make_user, gateway, other_gateway):
    owner = make_user()
    owner.login()
    assert owner.http.cookies["device"]
    for n in range(15):
        log_in((gateway, other_gateway)[n % 2], owner.email)
    assert_problem(log_in(gateway, owner.email, owner.password), 429, "too-many-attempts")
    ok(log_in(other_gateway, owner.email, owner.password, person=owner.at(other_gateway)))
    ok(owner.post("/auth/refresh"))
    ok(owner.get("/users/me"))


def test_the_devices_cookie_opens_nothing_and_belongs_to_its_accounts(make_user, gateway):
    owner, thief = make_user(), make_user()
    thief.login()
    for _ in range(10):
        log_in(gateway, owner.email)
    assert_problem(log_in(gateway, owner.email, person=thief), 429, "too-many-attempts")
    answer = log_in(gateway, owner.email, tokenDelivery="body")
    assert "Set-Cookie" not in answer.headers


def test_the_password_of_somebody_who_is_signed_in_is_throttled_as_well(user):
    def changed(current):
        return user.post("/auth/password", json={"currentPassword": current, "newPassword": "quite another one"})

    for n in range(10):
        answer = changed(WRONG) if n % 2 else user.patch("/users/me", json={"email": "a@b.c", "currentPassword": WRONG})
        assert_problem(answer, 400, "validation-failed", "currentPassword")
    assert_problem(changed(user.password), 429, "too-many-attempts")
    # Signing in is counted apart.
    ok(log_in(user.base, user.email, user.password))


def test_an_unknown_address_takes_as_long_as_a_known_one(make_user, anonymous):
    """Medians of pairs that are measured one right behind the other, in turns: what disturbs one disturbs both."""

    def lasted(email):
        start = time.perf_counter()
        assert_problem(log_in(anonymous.base, email, person=anonymous), 401, "invalid-credentials")
        return time.perf_counter() - start

    known, unknown = [], []
    for n in range(24):
        email = make_user().email
        first, second = (known, email), (unknown, unique_email())
        for times, address in (first, second) if n % 2 else (second, first):
            times.append(lasted(address))
    ratio = statistics.median(unknown) / statistics.median(known)
    # Without the password hash, or without counting, it would be many times faster.
    assert 0.6 < ratio < 1.6, (ratio, sorted(known), sorted(unknown))


@pytest.mark.parametrize("password", ["password", "Password123!", "qwertyuiop", "1qaz2wsx", "12345678", "P@ssw0rd"])
def test_common_passwords_are_refused_wherever_one_is_set(user, anonymous, password):
    body = {"name": "Ann Tester", "email": unique_email(), "password": password}
    problem = assert_problem(anonymous.post("/auth/register", json=body), 400, "validation-failed", "password")
    assert [fault["code"] for fault in problem["errors"]] == ["too-common"]
    change = {"currentPassword": PASSWORD, "newPassword": password}
    problem = assert_problem(user.post("/auth/password", json=change), 400, "validation-failed", "newPassword")
    assert [fault["code"] for fault in problem["errors"]] == ["too-common"]


def test_ones_own_name_and_address_are_no_passwords(make_user, anonymous):
    email = unique_email()
    for password in ("Wilhelmina Tester", "wilhelminatester7", email, email.split("@")[0].upper()):
        body = {"name": "Wilhelmina Tester", "email": email, "password": password}
        problem = assert_problem(anonymous.post("/auth/register", json=body), 400, "validation-failed", "password")
        assert [fault["code"] for fault in problem["errors"]] == ["too-common"]
    person = make_user(name="Wilhelmina Tester")
    for password in ("WILHELMINA TESTER", person.email):
        change = {"currentPassword": person.password, "newPassword": password}
        assert_problem(person.post("/auth/password", json=change), 400, "validation-failed", "newPassword")
