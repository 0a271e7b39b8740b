"""docs/operating.md, "The security log": who did what, from where, by which request, and nothing of anybody's own."""

import re
import subprocess
import uuid
from pathlib import Path

import pytest

from Harness.person import ok, unique_email
from Harness.probes import metric
from Harness.settings import PROGRAMS, ROOT, seconds
from Harness.sockets import Refused, WsClient, run_async
from Harness.waiting import until, until_async

SERVICES = ("gateway", "auth", "orders", "chat")
# The first two are tried with the second factor; of the other there is nothing yet that makes it.
ELSEWHERE = {
    "authn_second_factor_fail",
    "authn_second_factor_change",
    "excess_rate_limit_exceeded",
}
BAD_TOKEN = "eyJhbGciOiJFUzI1NiIsImtpZCI6Im5vbmUifQ.e30.c2VjcmV0LW9mLXRoZS10ZXN0"


def whole_log(stack):
    """Every line of every process of ours."""
    paths = [path for name, path in stack.run["logs"].items() if name.split("-")[0] in SERVICES]
    lines = []
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as log:
            lines += log.read().splitlines()
    return lines


class Watch:
    """Gives each request an id and finds what was logged of it."""

    def __init__(self, stack):
        self.stack, self.seen = stack, set()

    def line(self, request_id, event):
        for line in whole_log(self.stack):
            if f"request.id={request_id}" in line and f" event={event} " in line + " ":
                return line
        return None

    def expect(self, event, call, *wanted):
        """Makes a request by `call`, which takes its headers, and waits for the line of it."""
        request_id = f"watch-{uuid.uuid4().hex}"
        answer = call({"X-Request-Id": request_id})
        line = until(lambda: self.line(request_id, event), 5, f"{event} is logged")
        assert " security: " in line and "client.address=127.0.0.1" in line, line
        for want in wanted:
            assert want in line, (want, line)
        self.seen.add(event)
        return answer


def known_events():
    source = (ROOT / "Shared/ServiceKit/Security/SecurityEvent.swift").read_text(encoding="utf-8")
    return set(re.findall(r"^    case \w+ = \"(\w+)\"$", source, re.MULTILINE))


def test_every_event_is_logged_with_who_and_where_and_holds_nothing_of_anybody(stack, anonymous, make_admin, make_user):
    watch = Watch(stack)
    secrets = set()

    email, name, password = unique_email(), "Wilhelmina Watched", "a password that is watched 1"
    secrets.update((email, name, password, BAD_TOKEN, "a wrong password 2", "a newer password 3"))
    body = {"name": name, "email": email, "password": password, "tokenDelivery": "body"}
    made = ok(watch.expect("user_created", lambda h: anonymous.post("/auth/register", json=body, headers=h)), 201)
    sign_in = {"email": email, "password": password, "tokenDelivery": "body"}
    own = f"user.id={made['user']['id']}"
    secrets.update((made["accessToken"], made["refreshToken"]))

    def logged_in(**extra):
        session = ok(
            watch.expect(
                "authn_login_success",
                lambda h: anonymous.post("/auth/login", json={**sign_in, **extra}, headers=h),
                own,
                "session.id=",
            )
        )
        secrets.update((session["accessToken"], session["refreshToken"]))
        return session

    session = logged_in()
    bearer = {"Authorization": f"Bearer {session['accessToken']}"}
    wrong = {**sign_in, "password": "a wrong password 2"}
    watch.expect("authn_login_fail", lambda h: anonymous.post("/auth/login", json=wrong, headers=h), own)
    stranger = unique_email()
    secrets.add(stranger)
    watch.expect(
        "authn_login_fail",
        lambda h: anonymous.post("/auth/login", json={**wrong, "email": stranger}, headers=h),
        "reason=unknown-account",
        "email.hash=",
    )

    # By somebody signed in: what others of the network did in the same minute is told in one line with theirs.
    def tried_too_often(headers):
        change = {"currentPassword": "a wrong password 2", "newPassword": "a newer password 3"}
        for _ in range(12):
            answer = guesser.post("/auth/password", json=change, headers=headers)
        return answer

    guesser = make_user()
    refused = watch.expect("excess_rate_limit_exceeded", tried_too_often, f"user.id={guesser.id}")
    assert refused.status_code == 429, refused.text
    watch.expect("authz_fail", lambda h: anonymous.get("/users", headers={**h, **bearer}), own, "operation=GET ")
    watch.expect(
        "authn_password_change_fail",
        lambda h: anonymous.post(
            "/auth/password",
            json={"currentPassword": "a wrong password 2", "newPassword": "a newer password 3"},
            headers={**h, **bearer},
        ),
        own,
    )
    ok(
        watch.expect(
            "authn_password_change",
            lambda h: anonymous.post(
                "/auth/password",
                json={"currentPassword": password, "newPassword": "a newer password 3"},
                headers={**h, **bearer},
            ),
            own,
        ),
        204,
    )
    newer = unique_email()
    secrets.add(newer)

    def change_email(headers):
        headers = {**headers, **bearer}
        answer = anonymous.patch(
            "/users/me", json={"email": newer, "currentPassword": "a newer password 3"}, headers=headers
        )
        return answer if answer.ok else anonymous.patch("/users/me", json={"email": newer}, headers=headers)

    ok(watch.expect("user_email_change", change_email, own))
    sign_in.update(email=newer, password="a newer password 3")
    other = logged_in()
    other_id = next(
        each["id"] for each in ok(anonymous.get("/auth/sessions", headers=bearer))["items"] if not each["current"]
    )
    ok(
        watch.expect(
            "session_end",
            lambda h: anonymous.delete(f"/auth/sessions/{other_id}", headers={**h, **bearer}),
            own,
            f"target.id={other_id}",
        ),
        204,
    )
    refused = {"Authorization": f"Bearer {other['accessToken']}"}
    until(lambda: anonymous.get("/users/me", headers=refused).status_code == 401, 5, "the session has ended")
    again = logged_in()
    token = {"refreshToken": again["refreshToken"]}
    secrets.add(ok(anonymous.post("/auth/refresh", json=token))["refreshToken"])

    def refresh_until_refused(headers):
        def refused():
            answer = anonymous.post("/auth/refresh", json=token, headers=headers)
            if answer.ok:
                secrets.update((answer.json()["accessToken"], answer.json()["refreshToken"]))
            return answer.status_code == 401

        return until(refused, 30, "a token that was used is refused", every=0.5)

    watch.expect("authn_token_reuse", refresh_until_refused, "session.id=")
    ok(
        watch.expect(
            "session_logout", lambda h: anonymous.post("/auth/logout", headers={**h, **bearer}), own, "session.id="
        ),
        204,
    )

    admin = make_admin()
    secrets.update((admin.email, admin.password, admin.token))
    by = f"user.id={admin.id}"
    target = f"target.id={made['user']['id']}"
    path = f"/users/{made['user']['id']}"
    for change, event in [
        ({"role": "Admin"}, "privilege_permissions_changed"),
        ({"disabled": True}, "user_disabled"),
        ({"disabled": False}, "user_enabled"),
    ]:
        ok(watch.expect(event, lambda h, c=change: admin.patch(path, json=c, headers=h), by, target))
    ok(watch.expect("session_end_all", lambda h: admin.delete(f"{path}/sessions", headers=h), by, target), 204)
    ok(watch.expect("user_deleted", lambda h: admin.delete(path, headers=h), by, target), 204)

    # Tried by themselves, below.
    apart = {"authn_token_refused", "crypto_key_rotated", "crypto_key_revoked"}
    assert watch.seen | ELSEWHERE | apart == known_events()
    text = "\n".join(whole_log(stack))
    for secret in secrets:
        assert secret not in text, "the log holds what is somebody's"


def test_a_flood_of_refusals_is_counted_and_not_written(stack, anonymous, gateways):
    def counted():
        gateways_ops = [url for name, url in stack.run["ops"].items() if name.startswith("gateway")]
        series = 'orderline_security_events_total{event="authn_token_refused"}'
        return sum(metric(url, series) for url in gateways_ops)

    before, lines = counted(), len(refusals(stack))
    for _ in range(200):
        answer = anonymous.get("/users/me", headers={"Authorization": f"Bearer {BAD_TOKEN}"})
        assert answer.status_code == 401
    assert counted() - before >= 200
    written = refusals(stack)
    assert len(written) - lines <= 10, len(written) - lines
    assert written and BAD_TOKEN not in "\n".join(written)


def refusals(stack):
    return [line for line in whole_log(stack) if " event=authn_token_refused " in line]


@pytest.mark.parametrize("door", ["header", "frame"])
@run_async
async def test_a_bad_token_at_a_socket_is_counted(stack, gateway, door):
    series = 'orderline_security_events_total{event="authn_token_refused"}'
    ops = stack.run["ops"]["gateway-1"]
    before = metric(ops, series)
    if door == "header":
        with pytest.raises(Exception, match="401"):
            await WsClient.connect(gateway, token=BAD_TOKEN)
    else:
        client = await WsClient.connect(gateway)
        with pytest.raises(Refused, match="unauthenticated"):
            await client.call("authenticate", {"token": BAD_TOKEN})
    await until_async(lambda: metric(ops, series) > before, 5, "it is counted")


def test_what_an_operator_does_by_command_is_told_on_standard_error(stack):
    environment = dict(
        pair.split("=", 1)
        for pair in Path(f"/proc/{stack.pids['auth-1']}/environ").read_bytes().decode().split("\0")
        if "=" in pair
    )
    email = unique_email()

    def run(*arguments, text=None):
        result = subprocess.run(
            [str(PROGRAMS / "auth"), *arguments],
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds(60),
            check=True,
        )
        return result.stdout, result.stderr

    said, log = run("admin", "create", "--email", email, "--name", "Olga Operator", text="a password of tests 5\n")
    assert " security: account made by=command event=user_created role=Admin user.id=" in log, log
    assert email in said and email not in log and "Olga" not in log and "password of" not in log
    for name in ("O\u202elga", "\u3164\u3164", "O\nlga"):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            run("admin", "create", "--email", unique_email(), "--name", name, text="a password of tests 5\n")
        assert "name must" in refused.value.stderr, refused.value.stderr
    said, log = run("keys", "rotate")
    key = said.split()[-1].rstrip(".")
    assert f" security: signing key changed event=crypto_key_rotated key.id={key}\n" in log, log
