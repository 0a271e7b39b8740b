"""The HTTP side of the acceptance tests: a client, and the checks of every documented shape."""

import json
import os
import re
import time
import uuid

import requests

PREFIX = "/api/v1"
PASSWORD = "correct horse battery staple"

UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
# What a message must never show: SQL, a source file, a broker subject.
INTERNALS = re.compile(
    r"(?i)postgres|libpq|psql|duplicate key value|relation \"|\.swift\b|\bnats\b|_INBOX|"
    r"\b(orders|chat|auth)\.[a-z]+\b(?!\.json)"
)

# Helmet 8's default set, with the content-security policy of API answers.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
}


def seconds(bound):
    """A documented bound, stretched by ORDERLINE_SLACK on a machine that is shared with other work."""
    return bound * float(os.environ.get("ORDERLINE_SLACK", "1"))


def unique_email():
    return f"user-{uuid.uuid4().hex}@example.com"


def order_body(**changes):
    body = {"description": "Forty oak chairs", "specifications": "Oiled, seat height 45 cm", "quantity": 40}
    return {**body, **changes}


def ok(response, status=200):
    """The decoded body of an answer that must have this status; the body is shown when it has another."""
    assert response.status_code == status, f"expected {status}, got {response.status_code}: {response.text}"
    return response.json() if response.content else None


def eventually(probe, timeout=10, every=0.02):
    """Repeats `probe` until it returns something true or the bound has passed; returns that value."""
    deadline = time.monotonic() + timeout
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {timeout} s"
        time.sleep(every)


class Api:
    """One person at one gateway. `token` is None for an anonymous one."""

    def __init__(self, base, token=None, user=None, email=None, password=PASSWORD):
        self.base, self.token, self.user, self.email, self.password = base, token, user, email, password
        self.session = None
        self.http = requests.Session()
        self.http.trust_env = False

    @property
    def id(self):
        return self.user["id"]

    def at(self, base):
        """The same session, through another gateway."""
        twin = Api(base, self.token, self.user, self.email, self.password)
        twin.session = self.session
        twin.http.cookies.update(self.http.cookies)
        return twin

    def request(self, method, path, headers=None, prefix=PREFIX, **options):
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        options.setdefault("timeout", 60)
        return self.http.request(method, self.base + prefix + path, headers=headers, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def patch(self, path, **options):
        return self.request("PATCH", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def send_raw(self, method, path, raw, content_type="application/json", **options):
        """A body byte for byte, for what no JSON encoder would write."""
        headers = {**({"Content-Type": content_type} if content_type else {}), **options.pop("headers", {})}
        return self.request(method, path, data=raw, headers=headers, **options)

    def register(self, name="Ann Tester", email=None, password=PASSWORD):
        self.email, self.password = email or unique_email(), password
        body = {"name": name, "email": self.email, "password": password}
        return self._signed_in(ok(self.post("/auth/register", json=body), 201))

    def login(self, **extra):
        self.token = None
        body = {"email": self.email, "password": self.password, **extra}
        return self._signed_in(ok(self.post("/auth/login", json=body)))

    def _signed_in(self, session):
        self.session, self.token, self.user = session, session["accessToken"], session["user"]
        return session

    def create_order(self, **changes):
        return ok(self.post("/orders", json=order_body(**changes)), 201)

    def order(self, order_id):
        return ok(self.get(f"/orders/{order_id}"))

    def room(self, order_id):
        return ok(self.get(f"/chat/rooms/{order_id}"))

    def say(self, order_id, content="Hello", **extra):
        return ok(self.post(f"/chat/rooms/{order_id}/messages", json={"content": content, **extra}), 201)

    def messages(self, order_id, **params):
        return ok(self.get(f"/chat/rooms/{order_id}/messages", params=params))

    def close(self, order_id, summary="Agreed as written"):
        return ok(self.post(f"/chat/rooms/{order_id}/close", json={"summary": summary}))

    def complete(self, order_id, **options):
        return self.patch(f"/orders/{order_id}/status", json={"status": "Completed"}, **options)

    def history(self, order_id, **params):
        return ok(self.get(f"/orders/{order_id}/history", params=params))

    def until_status(self, order_id, status, timeout=1):
        """The order once it has this status; closing a room must get it there within a second."""
        return eventually(lambda: (o := self.order(order_id))["status"] == status and o, seconds(timeout))

    def closed_order(self, admin, **changes):
        """An order of this user whose room the Admin has closed, in `Processing`."""
        order = self.create_order(**changes)
        admin.close(order["id"])
        return self.until_status(order["id"], "Processing", timeout=5)


# Shapes


def assert_security_headers(response):
    missing = {k: response.headers.get(k) for k, v in SECURITY_HEADERS.items() if response.headers.get(k) != v}
    assert not missing, f"{response.request.method} {response.url} answers {missing}"
    assert response.headers.get("Cache-Control") == "no-store", response.headers
    assert "X-Powered-By" not in response.headers


def assert_problem_object(problem, status, code, field=None):
    """The documented problem, as it stands in an HTTP body and in a socket's acknowledgement."""
    shown = json.dumps(problem)
    assert isinstance(problem, dict), shown
    assert problem.get("code") == code and problem.get("status") == status, f"wanted {status} {code}: {shown}"
    assert problem.get("type") == f"/problems/{code}", shown
    for key in ("title", "detail", "instance", "requestId"):
        assert isinstance(problem.get(key), str) and problem[key], f"{key} in {shown}"
    assert not INTERNALS.search(problem["title"] + " " + problem["detail"]), shown
    if code == "validation-failed":
        assert isinstance(problem.get("errors"), list), shown
        for error in problem["errors"]:
            assert all(isinstance(error.get(k), str) and error[k] for k in ("field", "code", "message")), shown
    else:
        assert "errors" not in problem, shown
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], f"{field} is not named: {shown}"
    return problem


def assert_problem(response, status, code, field=None):
    """A whole refusal over HTTP: status, media type, problem, request id and security headers."""
    assert response.status_code == status, f"expected {status} {code}, got {response.status_code}: {response.text}"
    media_type = response.headers.get("Content-Type", "").split(";")[0].strip()
    assert media_type == "application/problem+json", f"{media_type}: {response.text}"
    problem = assert_problem_object(response.json(), status, code, field)
    assert problem["requestId"] == response.headers.get("X-Request-Id"), response.headers
    assert_security_headers(response)
    return problem


def assert_keys(value, *keys):
    missing = set(keys) - set(value)
    assert not missing, f"{missing} missing in {json.dumps(value)}"


def assert_user(user):
    # Exactly these: a further one could be somebody's private data.
    assert set(user) == {"id", "name", "email", "role", "disabled", "createdAt"}, user
    assert UUID7.match(user["id"]) and TIMESTAMP.match(user["createdAt"]), user
    assert user["role"] in ("Admin", "Regular") and isinstance(user["disabled"], bool), user


def assert_order(order):
    assert_keys(
        order,
        "id",
        "number",
        "description",
        "specifications",
        "quantity",
        "metadata",
        "status",
        "nextStatuses",
        "version",
        "owner",
        "createdAt",
        "updatedAt",
    )
    assert UUID7.match(order["id"]) and order["number"] >= 1000 and isinstance(order["version"], int), order
    assert set(order["owner"]) == {"id", "name"}, order
    assert TIMESTAMP.match(order["createdAt"]) and TIMESTAMP.match(order["updatedAt"]), order
    following = {"Review": ["Processing"], "Processing": ["Completed"], "Completed": []}
    assert order["nextStatuses"] == following[order["status"]], order


def assert_message(message, order_id, kind="text"):
    assert_keys(message, "id", "orderId", "seq", "kind", "sender", "content", "clientMessageId", "createdAt")
    assert UUID7.match(message["id"]) and TIMESTAMP.match(message["createdAt"]), message
    assert message["orderId"] == order_id and message["kind"] == kind and message["seq"] >= 1, message
    assert set(message["sender"]) == {"id", "name", "role"}, message


def assert_room(room):
    assert_keys(
        room,
        "orderId",
        "owner",
        "isOpen",
        "summary",
        "closedAt",
        "closedBy",
        "lastSeq",
        "unread",
        "lastMessage",
        "createdAt",
    )
    assert UUID7.match(room["orderId"]) and TIMESTAMP.match(room["createdAt"]), room
    assert set(room["owner"]) == {"id", "name"}, room
    if room["isOpen"]:
        assert room["summary"] is None and room["closedAt"] is None and room["closedBy"] is None, room
    else:
        assert TIMESTAMP.match(room["closedAt"]) and set(room["closedBy"]) == {"id", "name", "role"}, room


def all_pages(api, path, **params):
    """Every item of a list, page by page; fails when a page repeats its cursor."""
    items, cursor, seen = [], None, set()
    while True:
        page = ok(api.get(path, params={**params, **({"cursor": cursor} if cursor else {})}))
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return items
        assert cursor not in seen, f"the cursor {cursor} came twice"
        seen.add(cursor)
