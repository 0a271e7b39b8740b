"""docs/api.md §3.5: the second factor, with an authenticator that is written here and not by the product."""

import hashlib
import hmac
import struct
import time
import uuid
from base64 import b32decode
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from Harness.commands import run_auth
from Harness.person import Person, ok
from Harness.shapes import assert_keys, assert_problem
from test_security_log import Watch


def code(secret, offset=0):
    """RFC 6238 with its defaults: the code of the present step of thirty seconds, or of one so many steps later."""
    step = int(time.time()) // 30 + offset
    digest = hmac.new(b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def enrol(person):
    """Turns the second factor on. The present code is used up by that; the next one is good already."""
    shown = ok(person.post("/auth/totp", json={"currentPassword": person.password}))
    assert_keys(shown, "secret", "uri")
    answer = person.post("/auth/totp/confirm", json={"code": code(shown["secret"])})
    return shown["secret"], ok(answer)["recoveryCodes"]


def log_in(person, base=None, **extra):
    body = {"email": person.email, "password": person.password, **extra}
    return Person(base or person.base).post("/auth/login", json=body)


def test_the_secret_is_told_as_text_and_as_an_authenticators_address(user):
    shown = ok(user.post("/auth/totp", json={"currentPassword": user.password}))
    assert len(b32decode(shown["secret"])) == 20
    uri = urlsplit(shown["uri"])
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", f"/Orderline:{user.email}")
    assert parse_qs(uri.query) == {
        "secret": [shown["secret"]],
        "issuer": ["Orderline"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
    # It is not asked for before it is confirmed.
    ok(log_in(user))


def test_signing_in_needs_a_code_that_is_good_once(user, other_gateway):
    secret, recovery = enrol(user)
    assert len(set(recovery)) == 10
    assert_problem(log_in(user), 401, "second-factor-required")
    assert_problem(log_in(user, code="000000"), 401, "second-factor-required")
    assert_problem(log_in(user, password="wrong one", code=code(secret, 1)), 401, "invalid-credentials")
    following = code(secret, 1)
    ok(log_in(user, code=following))
    assert_problem(log_in(user, other_gateway, code=following), 401, "second-factor-required")
    ok(log_in(user, code=recovery[0]))
    assert_problem(log_in(user, other_gateway, code=recovery[0]), 401, "second-factor-required")
    # What is signed in stays so.
    ok(user.post("/auth/refresh"))


def test_of_many_who_use_one_code_at_once_one_signs_in(user, gateways, together):
    _, recovery = enrol(user)
    answers = together(*[lambda n=n: log_in(user, gateways[n % len(gateways)], code=recovery[1]) for n in range(8)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7, [a.text for a in answers]


def test_wrong_codes_are_throttled(user):
    _, recovery = enrol(user)
    for _ in range(10):
        assert_problem(log_in(user, code="000000"), 401, "second-factor-required")
    refused = log_in(user, code=recovery[0])
    assert_problem(refused, 429, "too-many-attempts")
    assert 0 < int(refused.headers["Retry-After"]) <= 30


def test_it_is_turned_off_by_password_and_code(user):
    secret, recovery = enrol(user)
    right = {"currentPassword": user.password, "code": recovery[0]}
    for change, field in (({"currentPassword": "wrong one"}, "currentPassword"), ({"code": "000000"}, "code")):
        answer = user.request("DELETE", "/auth/totp", json={**right, **change})
        assert_problem(answer, 400, "validation-failed", field)
    assert_problem(user.post("/auth/totp", json={"currentPassword": user.password}), 403, "forbidden")
    answer = user.request("DELETE", "/auth/totp", json=right)
    assert answer.status_code == 204 and not answer.content
    ok(log_in(user))
    assert_problem(user.request("DELETE", "/auth/totp", json={**right, "code": code(secret, 1)}), 404, "not-found")


@pytest.mark.parametrize(
    "method, path, body, field",
    [
        ("POST", "/auth/totp", {}, "currentPassword"),
        ("POST", "/auth/totp/confirm", {}, "code"),
        ("POST", "/auth/totp/confirm", {"code": 123456}, "code"),
        ("POST", "/auth/totp/confirm", {"code": "1" * 65}, "code"),
        ("DELETE", "/auth/totp", {"currentPassword": "x"}, "code"),
        ("POST", "/auth/login", {"email": "a@example.com", "password": "x", "code": 123456}, "code"),
    ],
)
def test_what_cannot_be_read_names_its_field(user, method, path, body, field):
    assert_problem(user.request(method, path, json=body), 400, "validation-failed", field)


def test_the_security_log_tells_of_it_and_holds_no_code(stack, user):
    watch = Watch(stack)
    own = f"user.id={user.id}"
    shown = ok(user.post("/auth/totp", json={"currentPassword": user.password}))
    confirm = {"code": code(shown["secret"])}
    recovery = ok(
        watch.expect(
            "authn_second_factor_change",
            lambda h: user.post("/auth/totp/confirm", json=confirm, headers=h),
            own,
            "to=on",
        )
    )["recoveryCodes"]
    wrong = {"email": user.email, "password": user.password, "code": uuid.uuid4().hex[:16]}
    watch.expect(
        "authn_second_factor_fail", lambda h: Person(user.base).post("/auth/login", json=wrong, headers=h), own
    )
    removal = {"currentPassword": user.password, "code": recovery[0]}
    watch.expect(
        "authn_second_factor_change",
        lambda h: user.request("DELETE", "/auth/totp", json=removal, headers=h),
        own,
        "to=off",
    )
    text = "".join(Path(path).read_text(errors="replace") for path in stack.run["logs"].values())
    for secret in (shown["secret"], wrong["code"], *recovery):
        assert secret not in text


def test_an_operator_takes_a_lost_one_away(stack, user):
    def remove():
        return run_auth(stack, "totp", "remove", "--email", user.email.upper())

    assert remove().returncode != 0
    shown = ok(user.post("/auth/totp", json={"currentPassword": user.password}))
    ok(user.post("/auth/totp/confirm", json={"code": code(shown["secret"])}))
    assert_problem(log_in(user), 401, "second-factor-required")
    result = remove()
    assert result.returncode == 0, result
    assert (
        f" security: second factor changed event=authn_second_factor_change target.id={user.id} to=off\n"
        in result.stderr
    )
    ok(log_in(user))
    assert remove().returncode != 0
