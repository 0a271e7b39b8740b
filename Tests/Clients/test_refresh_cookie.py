"""docs/api.md §3.3: the refresh cookie, who may use it, and how it goes."""

import pytest

from Harness.person import Person, ok
from Harness.ports import free_ports
from Harness.shapes import assert_problem
from Harness.stack import FIRST_ADMIN, Stack, running
from Harness.tls import Trusting, certificate

NAME, SECURE_NAME = "refreshToken", "__Secure-refreshToken"


def cookies_set(answer):
    """Name, value and attributes in lower case of each cookie that the answer sets."""
    found = []
    for line in answer.raw.headers.getlist("Set-Cookie"):
        pair, *attributes = [part.strip() for part in line.split(";")]
        found.append((*pair.split("=", 1), {each.lower() for each in attributes}))
    return found


def with_cookie(base, header, path="/auth/refresh", kind=Person, **headers):
    return kind(base).post(path, headers={"Cookie": header, **headers})


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
def test_the_cookie_serves_no_other_site(user, path, cors_origin):
    value = user.http.cookies[NAME]
    port = user.base.rsplit(":", 1)[1]
    for origin in ("https://evil.example", "null", f"{cors_origin}.evil.example", f"http://localhost:{port}", "x"):
        answer = with_cookie(user.base, f"{NAME}={value}", path, Origin=origin)
        assert_problem(answer, 403, "forbidden")
    ok(user.get("/users/me"))


def test_the_cookie_serves_the_gateways_own_site_and_listed_ones(user, cors_origin):
    value = user.http.cookies[NAME]
    for headers in ({}, {"Origin": user.base}, {"Origin": cors_origin}):
        (name, value, _), *rest = cookies_set(with_cookie(user.base, f"{NAME}={value}", **headers))
        assert name == NAME and value and not rest


def test_two_different_cookies_are_refused_and_cleared(user, other):
    mine, theirs = user.http.cookies[NAME], other.http.cookies[NAME]
    for header in (f"{NAME}={mine}; {NAME}={theirs}", f"{NAME}={theirs}; x=1; {NAME}={mine}"):
        answer = with_cookie(user.base, header)
        assert_problem(answer, 401, "invalid-refresh-token")
        assert {name for name, value, _ in cookies_set(answer) if not value} == {NAME, SECURE_NAME}
        assert answer.headers["Clear-Site-Data"] == '"cookies"'
    ok(with_cookie(user.base, f"{NAME}={mine}; {NAME}={mine}"))
    ok(with_cookie(other.base, f"{NAME}={theirs}"))


def test_logging_out_clears_the_cookie_under_both_names(user):
    answer = user.post("/auth/logout")
    assert answer.status_code == 204 and answer.headers["Clear-Site-Data"] == '"storage"'
    cleared = cookies_set(answer)
    assert [(name, value) for name, value, _ in cleared] == [(NAME, ""), (SECURE_NAME, "")]
    for name, _, attributes in cleared:
        assert {"max-age=0", "path=/api/v1/auth", "httponly", "samesite=strict"} <= attributes
        assert ("secure" in attributes) == (name == SECURE_NAME)
    assert NAME not in user.http.cookies, user.http.cookies


@pytest.mark.processes
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_over_https_it_has_the_name_that_browsers_guard(tmp_path):
    cert, key = certificate(tmp_path)
    stack = Stack(tmp_path / "data", **FIRST_ADMIN, TLS_CERT=str(cert), TLS_KEY=str(key))
    with running(stack, "--port", str(free_ports(1))):
        user = stack.registered(kind=Trusting)
        base, value = user.base, user.http.cookies[SECURE_NAME]
        assert NAME not in user.http.cookies
        answer = user.post("/auth/refresh", headers={"Origin": base})
        ((name, value, attributes),) = cookies_set(answer)
        assert name == SECURE_NAME and {"secure", "httponly", "samesite=strict", "path=/api/v1/auth"} <= attributes
        assert_problem(user.post("/auth/refresh", headers={"Origin": base.replace("https", "http")}), 403, "forbidden")
        # A client from before there was that name: it is exchanged for the new one and cleared.
        changed = cookies_set(with_cookie(base, f"{NAME}={value}", kind=Trusting))
        assert [(name, bool(value)) for name, value, _ in changed] == [(SECURE_NAME, True), (NAME, False)]
        value = changed[0][1]
        # Whoever can put a cookie of the other name beside it gets nowhere.
        again = with_cookie(base, f"{NAME}=of-somebody-else; {SECURE_NAME}={value}", kind=Trusting)
        assert ok(again)["user"]["id"] == user.id
        answer = user.post("/auth/logout")
        assert all("secure" in attributes and not value for _, value, attributes in cookies_set(answer))
        assert SECURE_NAME not in user.http.cookies
