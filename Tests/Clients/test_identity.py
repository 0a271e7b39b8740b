"""docs/api.md §3: registering, signing in, tokens, sessions and passwords."""

import hashlib
import hmac
import json
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

import jwt
import pytest

from Harness.person import PASSWORD, Person, ok, unique_email
from Harness.shapes import assert_keys, assert_problem, assert_user
from Harness.waiting import until


def set_cookie(response):
    """The refresh cookie's value and its attributes in lower case."""
    header = response.headers.get("Set-Cookie")
    assert header and header.startswith("refreshToken="), response.headers
    value, *attributes = [part.strip() for part in header.split(";")]
    return value.removeprefix("refreshToken="), {a.lower() for a in attributes}


def refresh(base, token):
    return Person(base).post("/auth/refresh", json={"refreshToken": token})


def assert_ended(api):
    """The session's access token stops working within a second."""
    until(lambda: api.get("/users/me").status_code == 401, 1)
    assert_problem(api.get("/users/me"), 401, "unauthenticated")


@pytest.fixture
def by_body(user):
    """A second session of the user, whose refresh token came in the body."""
    twin = Person(user.base, email=user.email, password=user.password)
    twin.login(tokenDelivery="body")
    return twin


# Registering


def test_registering_answers_a_session_with_a_strict_cookie(anonymous):
    email = unique_email()
    answer = anonymous.post("/auth/register", json={"name": "Ann", "email": email, "password": PASSWORD})
    session = ok(answer, 201)
    assert session["tokenType"] == "Bearer" and session["expiresIn"] > 0 and "refreshToken" not in session, session
    assert_user(session["user"])
    assert session["user"]["role"] == "Regular" and session["user"]["email"] == email
    value, attributes = set_cookie(answer)
    assert value and {"httponly", "samesite=strict", "path=/api/v1/auth"} <= attributes, attributes
    assert "secure" not in attributes or anonymous.base.startswith("https")
    assert ok(Person(anonymous.base, session["accessToken"]).get("/users/me")) == session["user"]


LABEL = "d" * 60
LONGEST = "l" * 64 + "@" + ".".join([LABEL, LABEL, LABEL, "abcdef"])


@pytest.mark.parametrize(
    "change, field",
    [
        ({"name": "A"}, "name"),
        ({"name": "A" * 51}, "name"),
        ({"name": "   "}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"password": "short12"}, "password"),
        ({"password": "p" * 129}, "password"),
        ({"password": 12345678}, "password"),
        ({"email": "nobody"}, "email"),
        ({"email": "@example.com"}, "email"),
        ({"email": "a@"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "x" + LONGEST + ".com"}, "email"),
        ({"admin": True}, "admin"),
    ],
)
def test_registering_with_a_bad_field_names_it(anonymous, change, field):
    body = {"name": "Ann Tester", "email": unique_email(), "password": PASSWORD, **change}
    assert_problem(anonymous.post("/auth/register", json=body), 400, "validation-failed", field)


@pytest.mark.parametrize("missing", ["name", "email", "password"])
def test_registering_without_a_field_names_it(anonymous, missing):
    body = {"name": "Ann Tester", "email": unique_email(), "password": PASSWORD}
    del body[missing]
    assert_problem(anonymous.post("/auth/register", json=body), 400, "validation-failed", missing)


@pytest.mark.parametrize(
    "details",
    [
        {"name": "Al"},
        {"name": "\U0001f600" * 50},
        {"name": " Zo\u00eb  O'Neil "},
        {"password": "p" * 8},
        {"password": "\u00e9" * 128},
    ],
)
def test_the_bounds_themselves_are_fine(make_user, details):
    person = make_user(**details)
    assert person.user["name"] == details.get("name", person.user["name"])
    person.login()


def test_an_address_of_254_characters_is_fine(make_user):
    unique = uuid.uuid4().hex
    email = unique + "x" * (254 - len(unique) - len(LONGEST) + 64) + LONGEST[64:]
    assert len(email) == 254 and make_user(email=email).user["email"] == email


def test_a_role_may_be_asked_for_only_if_it_is_regular(anonymous):
    body = {"name": "Ann Tester", "password": PASSWORD}
    ok(anonymous.post("/auth/register", json={**body, "email": unique_email(), "role": "Regular"}), 201)
    assert_problem(
        anonymous.post("/auth/register", json={**body, "email": unique_email(), "role": "Admin"}), 403, "forbidden"
    )


def test_an_address_is_taken_whatever_its_case(user, anonymous):
    body = {"name": "Ann Again", "email": user.email.upper(), "password": PASSWORD}
    assert_problem(anonymous.post("/auth/register", json=body), 409, "email-taken")


def test_of_racing_registrations_with_one_address_one_wins(gateways, together):
    email = unique_email()
    body = {"name": "Ann Racer", "email": email, "password": PASSWORD}
    answers = together(
        *[lambda n=n: Person(gateways[n % len(gateways)]).post("/auth/register", json=body) for n in range(6)]
    )
    assert sorted(a.status_code for a in answers) == [201] + [409] * 5, [a.text for a in answers]


# Signing in


def test_signing_in_sets_a_cookie_unless_the_body_is_asked_for(user, anonymous):
    body = {"email": user.email, "password": user.password}
    for delivery in ({}, {"tokenDelivery": "cookie"}):
        answer = anonymous.post("/auth/login", json={**body, **delivery})
        assert "refreshToken" not in ok(answer) and set_cookie(answer)[0]
    answer = anonymous.post("/auth/login", json={**body, "tokenDelivery": "body"})
    assert ok(answer)["refreshToken"] and "Set-Cookie" not in answer.headers
    assert_problem(
        anonymous.post("/auth/login", json={**body, "tokenDelivery": "pigeon"}),
        400,
        "validation-failed",
        "tokenDelivery",
    )


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(user, anonymous):
    wrong = anonymous.post("/auth/login", json={"email": user.email, "password": "not the password"})
    unknown = anonymous.post("/auth/login", json={"email": unique_email(), "password": "not the password"})
    first = assert_problem(wrong, 401, "invalid-credentials")
    second = assert_problem(unknown, 401, "invalid-credentials")
    del first["requestId"], second["requestId"]
    assert first == second


def test_a_disabled_account_shows_only_with_its_right_password(user, admin, anonymous):
    ok(admin.patch(f"/users/{user.id}", json={"disabled": True}))
    wrong = anonymous.post("/auth/login", json={"email": user.email, "password": "not the password"})
    assert_problem(wrong, 401, "invalid-credentials")
    right = anonymous.post("/auth/login", json={"email": user.email, "password": user.password})
    assert_problem(right, 403, "account-disabled")


# Refreshing


def test_refreshing_by_cookie_rotates_the_cookie(user):
    before = user.http.cookies["refreshToken"]
    answer = user.post("/auth/refresh")
    session = ok(answer)
    value, attributes = set_cookie(answer)
    assert value != before and "refreshToken" not in session and "httponly" in attributes
    assert_keys(session, "user", "accessToken", "tokenType", "expiresIn")
    ok(Person(user.base, session["accessToken"]).get("/users/me"))


def test_refreshing_by_body_answers_in_the_body(by_body):
    answer = refresh(by_body.base, by_body.session["refreshToken"])
    session = ok(answer)
    assert session["refreshToken"] != by_body.session["refreshToken"] and "Set-Cookie" not in answer.headers


def test_a_reused_refresh_token_ends_the_whole_family(by_body, other_gateway):
    first = by_body.session["refreshToken"]
    second = ok(refresh(by_body.base, first))["refreshToken"]
    # Within its grace it gets a pair; after that it is taken for stolen.
    until(lambda: refresh(other_gateway, first).status_code == 401, 15, every=0.5)
    assert_problem(refresh(other_gateway, first), 401, "invalid-refresh-token")
    assert_problem(refresh(by_body.base, second), 401, "invalid-refresh-token")
    assert_ended(by_body)


@pytest.mark.parametrize("token", ["nonsense", "x" * 5000, "a.b.c", "\U0001f600"])
def test_an_unknown_refresh_token_is_refused(gateway, token):
    assert_problem(refresh(gateway, token), 401, "invalid-refresh-token")


def test_refreshing_with_no_token_at_all_is_refused(anonymous):
    assert anonymous.post("/auth/refresh").status_code == 401


def test_a_refresh_token_that_comes_again_at_once_gets_a_working_pair(by_body, other_gateway):
    first = by_body.session["refreshToken"]
    pairs = [ok(refresh(base, first)) for base in (by_body.base, other_gateway, by_body.base)]
    for pair in pairs:
        assert ok(Person(other_gateway, pair["accessToken"]).get("/users/me"))["id"] == by_body.id
        ok(refresh(by_body.base, pair["refreshToken"]))
    sessions = {jwt.decode(pair["accessToken"], options={"verify_signature": False})["sid"] for pair in pairs}
    assert len(sessions) == 1 and len(ok(by_body.get("/auth/sessions"))["items"]) == 2


def test_tabs_that_refresh_at_the_same_moment_all_go_on(by_body, gateways, together):
    token = by_body.session["refreshToken"]
    for _ in range(5):
        answers = together(*[lambda n=n: refresh(gateways[n % len(gateways)], token) for n in range(8)])
        pairs = [ok(answer) for answer in answers]
        for pair in pairs:
            ok(Person(by_body.base, pair["accessToken"]).get("/users/me"))
        token = pairs[-1]["refreshToken"]


# Sessions


def test_a_refresh_token_is_enough_to_log_out(user, by_body, other_gateway):
    token = by_body.session["refreshToken"]
    someone = Person(other_gateway)
    answer = someone.post("/auth/logout", json={"refreshToken": token})
    assert answer.status_code == 204, answer.text
    assert_ended(by_body)
    assert_problem(refresh(by_body.base, token), 401, "invalid-refresh-token")
    # Done already, which is what was wanted.
    assert someone.post("/auth/logout", json={"refreshToken": token}).status_code == 204
    assert_problem(someone.post("/auth/logout", json={"refreshToken": "x"}), 401, "invalid-refresh-token")
    assert_problem(someone.post("/auth/logout", json={"refreshToken": 5}), 400, "validation-failed", "refreshToken")
    assert_problem(someone.post("/auth/logout", json={}), 401, "unauthenticated")
    ok(user.get("/users/me"))
    user.token = None
    assert user.post("/auth/logout").status_code == 204
    assert "refreshToken" not in user.http.cookies, user.http.cookies


def test_of_more_than_fifty_sessions_the_oldest_ends(user, other_gateway):
    newer = Person(user.base, email=user.email, password=user.password)
    for _ in range(49):
        newer.login()
    ok(user.get("/users/me"))
    newer.login()
    assert_ended(user)
    assert_ended(user.at(other_gateway))
    assert len(ok(newer.get("/auth/sessions", params={"limit": 100}))["items"]) == 50


def test_logging_out_ends_this_session_and_no_other(user, by_body, other_gateway):
    answer = by_body.post("/auth/logout")
    assert answer.status_code == 204 and not answer.content
    assert_ended(by_body)
    assert_ended(by_body.at(other_gateway))
    assert_problem(refresh(by_body.base, by_body.session["refreshToken"]), 401, "invalid-refresh-token")
    ok(user.get("/users/me"))


def test_sessions_are_listed_and_can_be_ended_one_by_one(user, by_body, other):
    items = ok(user.get("/auth/sessions"))["items"]
    assert len(items) == 2 and [s["current"] for s in items].count(True) == 1, items
    for session in items:
        assert_keys(session, "id", "device", "address", "createdAt", "lastSeenAt", "current")
        assert session["address"] == "127.0.0.1", session
    ending = next(s for s in items if not s["current"])
    assert_problem(other.delete(f"/auth/sessions/{ending['id']}"), 404, "not-found")
    ok(by_body.get("/users/me"))
    assert user.delete(f"/auth/sessions/{ending['id']}").status_code == 204
    assert_ended(by_body)
    assert [s["current"] for s in ok(user.get("/auth/sessions"))["items"]] == [True]
    assert_problem(user.delete(f"/auth/sessions/{uuid.uuid4()}"), 404, "not-found")
    assert_problem(user.delete("/auth/sessions/not-an-id"), 400, "invalid-id")


# Password and profile


def test_changing_the_password_ends_the_other_sessions(user, by_body):
    body = {"currentPassword": user.password, "newPassword": "a new and longer one"}
    assert_problem(
        user.post("/auth/password", json={**body, "currentPassword": "wrong one"}),
        400,
        "validation-failed",
        "currentPassword",
    )
    assert_problem(
        user.post("/auth/password", json={**body, "newPassword": "short"}), 400, "validation-failed", "newPassword"
    )
    assert user.post("/auth/password", json=body).status_code == 204
    assert_ended(by_body)
    ok(user.get("/users/me"))
    old = {"email": user.email, "password": user.password}
    assert_problem(Person(user.base).post("/auth/login", json=old), 401, "invalid-credentials")
    ok(Person(user.base).post("/auth/login", json={**old, "password": body["newPassword"]}))


def test_people_change_their_own_name_and_address(user, other):
    changed = ok(user.patch("/users/me", json={"name": "Ann Renamed"}))
    assert changed == {**user.user, "name": "Ann Renamed"}
    email, known = unique_email(), {"currentPassword": user.password}
    for wrong in ({}, {"currentPassword": None}, {"currentPassword": "wrong one"}):
        refused = user.patch("/users/me", json={"email": email, **wrong})
        assert_problem(refused, 400, "validation-failed", "currentPassword")
    assert ok(user.patch("/users/me", json={"email": email, **known}))["email"] == email
    assert ok(user.get("/users/me")) == {**changed, "email": email}
    # Nothing is asked for where no address changes.
    assert ok(user.patch("/users/me", json={"email": email}))["email"] == email
    assert ok(user.patch("/users/me", json={"name": "Ann Renamed", "currentPassword": "wrong one"}))["email"] == email
    assert_problem(user.patch("/users/me", json={"email": other.email.upper(), **known}), 409, "email-taken")
    for body, field in (
        ({"name": None}, "name"),
        ({"email": None}, "email"),
        ({"role": "Admin"}, "role"),
        ({"name": "A"}, "name"),
        ({"disabled": False}, "disabled"),
        ({"name": "Ann", "currentPassword": 5}, "currentPassword"),
    ):
        assert_problem(user.patch("/users/me", json=body), 400, "validation-failed", field)
    assert_problem(user.patch("/users/me", json={}), 400, "validation-failed")


# Tokens


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_an_access_token_verifies_with_the_public_keys_and_says_who(user, anonymous):
    keys = ok(anonymous.get("/.well-known/jwks.json", prefix=""))["keys"]
    assert keys and not any({"d", "k", "p", "q"} & set(key) for key in keys), keys
    header = jwt.get_unverified_header(user.token)
    assert header["alg"][:2] in ("RS", "PS", "ES", "Ed") and header["typ"] == "at+jwt", header
    key = next(k for k in keys if k.get("kid") == header.get("kid"))
    claims = jwt.decode(
        user.token, jwt.PyJWK(key, header["alg"]), algorithms=[header["alg"]], options={"verify_aud": False}
    )
    assert_keys(claims, "sub", "sid", "role", "name", "iat", "exp", "iss", "aud", "jti")
    assert (claims["sub"], claims["role"], claims["name"]) == (user.id, "Regular", user.user["name"])
    assert claims["exp"] - claims["iat"] == user.session["expiresIn"]


def signed_with_hmac(kid, body, secret):
    """What PyJWT refuses to make: a token whose HMAC secret is the public key."""
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{body}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_token_has_one_spelling(user):
    parts = user.token.split(".")
    others = []
    for place, this in enumerate(parts):
        spellings = [this + "=", this + "==", this + "A", this[:-1], "=" + this, this[:9] + "=" + this[9:], ""]
        # Bits behind the last byte that mean nothing, and the alphabet that is not for URLs.
        spellings += [this[:-1] + letter for letter in ALPHABET if letter != this[-1]]
        spellings += [this.replace("-", "+").replace("_", "/")] if {"-", "_"} & set(this) else []
        others += [".".join([*parts[:place], each, *parts[place + 1 :]]) for each in spellings]
    others += [user.token + ".", "." + user.token, "..".join(parts)]
    assert len(others) > 200
    for other in others:
        assert_problem(Person(user.base, other).get("/users/me"), 401, "unauthenticated")
    ok(user.get("/users/me"))


def test_forged_tokens_are_refused(user, anonymous):
    head, body, signature = user.token.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    admin = part({**claims, "role": "Admin"})
    public = anonymous.get("/.well-known/jwks.json", prefix="").content
    kid = jwt.get_unverified_header(user.token).get("kid")
    forged = [
        f"{head}.{admin}.{signature}",
        f"{part({'alg': 'none'})}.{admin}.",
        f"{part({'alg': 'none', 'kid': kid})}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{part(b'0' * 64)}",
        f"{head}.{body}",
        user.token + "x.y",
        signed_with_hmac(kid, admin, public),
        jwt.encode({**claims, "role": "Admin"}, "secret" * 8, "HS256", headers={"kid": kid}),
    ]
    for token in forged:
        assert_problem(Person(user.base, token).get("/users"), 401, "unauthenticated")
