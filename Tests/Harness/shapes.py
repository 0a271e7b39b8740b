"""The documented shape of everything that is answered or told."""

import json
import re

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
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
}


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
