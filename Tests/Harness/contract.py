"""Holds everything that clients receive, over HTTP and on sockets, against the documents that describe the interface.

Every test of the public interface is a test of the documents as well: what they do not describe is noted here, and
the plugin fails the test in which it came. Objects are taken as closed, because a field that is not described is a
fault here, whereas clients are told to pass over what they do not know.
"""

import functools
import json
import re
import threading
from urllib.parse import urlsplit

import jsonschema_rs
import requests

from Harness.settings import ROOT

_violations, _lock = [], threading.Lock()


def note(violation):
    with _lock:
        _violations.append(violation)


def taken():
    """What was found since the last call."""
    with _lock:
        found = list(_violations)
        _violations.clear()
    return found


def load(name):
    return json.loads((ROOT / "docs" / "contract" / name).read_text())


def closed(schema):
    """The same document in which no object may have a member that is not described."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: value if key in ("examples", "example") else closed(value) for key, value in schema.items()}
    if result.get("type") == "object" and "properties" in result:
        result.setdefault("additionalProperties", False)
    return result


class Schemas:
    """Compiled schemas of one document, by the place where they stand."""

    def __init__(self, document):
        self.components = closed(document["components"])
        self._compiled = {}

    def faults(self, schema, value):
        """What is wrong with `value`; empty when nothing is."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._compiled:
            whole = {**closed(schema), "components": self.components}
            self._compiled[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{'.'.join(str(step) for step in error.instance_path) or 'all of it'}: {error.message}"
            for error in self._compiled[key].iter_errors(value)
        ]


class HTTPContract:
    """OpenAPI."""

    def __init__(self, document):
        self.document, self.schemas = document, Schemas(document)
        self.common = {name.lower() for name in document["x-common-headers"]}
        self.problem = {"$ref": "#/components/schemas/Problem"}
        paths = sorted(document["paths"], key=lambda path: ("{" in path, path))
        self.patterns = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in paths]

    def path(self, asked):
        return next((path for pattern, path in self.patterns if pattern.fullmatch(asked)), None)

    def faults(self, method, asked, status, headers, body):
        """What is not described of a response. `body` is `None` when it is not looked at."""
        path = self.path(asked)
        operations = self.document["paths"].get(path, {})
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if method == "OPTIONS" and status == 204:
            return self._headers({}, headers)
        if operation is None:
            wanted = {404} if path is None else {405}
            # What is no request of any operation may be refused before anybody looks for one.
            if status not in wanted | {400, 408, 414, 417, 429, 431, 503}:
                return [f"{status} where there is no operation"]
            return self._body({"application/problem+json": {"schema": self.problem}}, headers, body)
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"status {status} is not described"]
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        found = self._headers(response["headers"], headers)
        if method != "HEAD":
            found += self._body(response.get("content"), headers, body)
        return found

    def _headers(self, described, headers):
        known = {name.lower() for name in described} | self.common | {"x-request-id"}
        return [f"header {name} is not described" for name in headers if name.lower() not in known]

    def _body(self, content, headers, body):
        if body is None:
            return []
        if not content:
            return [f"a body is not described: {body[:200]!r}"] if body else []
        kind = headers.get("content-type", "").split(";")[0].strip()
        if kind not in content:
            return [f"a body of the type {kind!r} is not described"]
        if not kind.endswith("json"):
            return []
        try:
            value = json.loads(body)
        except ValueError:
            return [f"no JSON: {body[:200]!r}"]
        return self.schemas.faults(content[kind]["schema"], value)


class SocketContract:
    """AsyncAPI: `door` is `webSocket` or `socketIO`."""

    def __init__(self, document):
        self.messages, self.schemas = document["components"]["messages"], Schemas(document)

    def event_faults(self, door, name, data):
        described = self.messages.get(f"{door}-on-{name}")
        if described is None:
            return [f"the event {name} is not described"]
        frame = {"event": name, "data": data} if door == "webSocket" else [name, data]
        return self.schemas.faults(described["payload"], frame)

    def answer_faults(self, door, name, answer):
        described = self.messages.get(f"{door}-{name}Answer")
        if described is None:
            refused = isinstance(answer.get("error"), dict) and answer["error"].get("code") == "not-found"
            return [] if refused else [f"the event {name} is not described, and answered {answer}"]
        return self.schemas.faults(described["payload"], answer)


@functools.cache
def http():
    return HTTPContract(load("openapi.json"))


@functools.cache
def sockets():
    return SocketContract(load("asyncapi.json"))


def saw_event(door, name, data):
    for fault in sockets().event_faults(door, name, data):
        note(f"{door} event {name}: {fault}")


def saw_answer(door, name, answer):
    for fault in sockets().answer_faults(door, name, answer):
        note(f"{door} answer to {name}: {fault}")


def saw_problem(body):
    """One that came with a response that is not looked at further."""
    for fault in http().schemas.faults(http().problem, json.loads(body)):
        note(f"a problem: {fault}")


def saw_response(method, url, status, headers, body):
    """A response of a gateway; others are passed over."""
    path = urlsplit(url).path
    headers = {name.lower(): value for name, value in headers.items()}
    if "x-request-id" not in headers:
        if path.startswith("/api/v1"):
            note(f"{method} {path}: {status} without X-Request-Id")
        return
    for fault in http().faults(method, path, status, headers, body):
        note(f"{method} {path} {status}: {fault}")


def watch():
    """From now on every response that `requests` gets is looked at."""
    send = requests.Session.send

    @functools.wraps(send)
    def watched(self, request, **options):
        response = send(self, request, **options)
        body = None if options.get("stream") else response.content
        saw_response(request.method, request.url, response.status_code, response.headers, body)
        return response

    requests.Session.send = watched
