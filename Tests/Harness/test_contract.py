"""What the documents do not describe is noticed, wherever it stands."""

import json

import pytest

from Harness import contract

ID = "019aba4e-17aa-7d55-8e31-90abcdef0103"
AT = "2026-01-31T12:00:00.000Z"
PERSON = {"id": ID, "name": "Olga Owner"}
ORDER = {
    "id": ID, "number": 1000, "description": "A desk", "specifications": "oak", "quantity": 1, "metadata": None,
    "status": "Review", "nextStatuses": ["Processing"], "version": 1, "owner": PERSON, "createdAt": AT, "updatedAt": AT,
}  # fmt: skip
MESSAGE = {
    "id": ID, "orderId": ID, "seq": 1, "kind": "text", "sender": {**PERSON, "role": "Regular"}, "content": "Hello",
    "clientMessageId": None, "createdAt": AT,
}  # fmt: skip
PROBLEM = {
    "type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "There is no such order.",
    "instance": "/api/v1/orders/x", "code": "not-found", "requestId": "r",
}  # fmt: skip
HEADERS = {"x-request-id": "r", "content-type": "application/json", "date": "now"}
PATH = f"/api/v1/orders/{ID}"


def faults(body=ORDER, status=200, method="GET", path=PATH, **headers):
    raw = b"" if body is None else json.dumps(body).encode()
    return contract.http().faults(method, path, status, {**HEADERS, **headers}, raw)


def problem(**changes):
    return {"body": {**PROBLEM, **changes}, "status": 404, "content-type": "application/problem+json"}


def test_what_is_described_is_no_fault():
    assert faults() == []
    assert faults({**ORDER, "metadata": {"any": [1]}, "specifications": {"a": None}}) == []
    assert faults(None, 304) == []
    assert faults(None, 200, "HEAD") == []
    assert faults(**problem()) == []
    assert faults(path="/nowhere", **problem(instance="/nowhere")) == []
    assert faults(method="PUT", **{**problem(code="method-not-allowed"), "status": 405}) == []


@pytest.mark.parametrize(
    "what",
    [
        {"body": {**ORDER, "later": 1}},
        {"body": {**ORDER, "owner": {**PERSON, "email": "a@b.example"}}},
        {"body": {key: value for key, value in ORDER.items() if key != "version"}},
        {"body": {**ORDER, "quantity": 0}},
        {"body": {**ORDER, "status": "Lost"}},
        {"body": {**ORDER, "createdAt": "yesterday"}},
        {"body": {**ORDER, "id": "1"}},
        {"body": None},
        {"x-secret": "1"},
        {"content-type": "text/html"},
        {"status": 202},
        {"status": 410},
        {"body": ORDER, "status": 304},
        problem(code="room-closed"),
        problem(status=400),
        problem(errors=[]),
        problem(trace="…"),
        {"path": "/nowhere"},
        {"method": "PUT"},
    ],
)
def test_what_is_not_described_is_a_fault(what):
    assert faults(**what), what


@pytest.mark.parametrize("door", ["webSocket", "socketIO"])
def test_what_sockets_are_told_is_held_against_the_document(door):
    sockets = contract.sockets()
    assert sockets.event_faults(door, "newMessage", MESSAGE) == []
    for data in ({**MESSAGE, "more": 1}, {**MESSAGE, "seq": "1"}, None, "newMessage"):
        assert sockets.event_faults(door, "newMessage", data), data
    assert sockets.event_faults(door, "orderDeleted", {})
    ack = {"ack": 1} if door == "webSocket" else {}
    assert sockets.answer_faults(door, "sendMessage", {**ack, "data": MESSAGE}) == []
    refused = {**PROBLEM, "code": "room-closed", "status": 409}
    assert sockets.answer_faults(door, "sendMessage", {**ack, "error": refused}) == []
    assert sockets.answer_faults(door, "nonsense", {**ack, "error": PROBLEM}) == []
    for answer in (
        {"data": {}},
        {"error": {**PROBLEM, "code": "email-taken"}},
        {"data": MESSAGE, "error": PROBLEM},
        {},
    ):
        assert sockets.answer_faults(door, "sendMessage", {**ack, **answer}), answer


def test_a_test_that_received_something_else_fails(pytester, monkeypatch):
    pytester.makeconftest('pytest_plugins = ["Harness.plugin"]')
    pytester.makepyfile(
        """
        from Harness import contract

        def test_described():
            contract.saw_response("GET", "http://x/health/live", 200, {"X-Request-Id": "r"}, None)

        def test_not_described():
            contract.saw_response("GET", "http://x/health/live", 203, {"X-Request-Id": "r"}, None)

        def test_without_an_id():
            contract.saw_response("GET", "http://x/api/v1/orders", 200, {}, None)

        def test_not_ours():
            contract.saw_response("GET", "http://x/page", 200, {"Server": "another"}, None)
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*status 203 is not described*", "*200 without X-Request-Id*"])
