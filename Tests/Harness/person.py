"""Somebody who uses the public interface over HTTP."""

import uuid

import requests

from Harness.waiting import until

PREFIX = "/api/v1"
PASSWORD = "correct horse battery staple"


def unique_email():
    return f"user-{uuid.uuid4().hex}@example.com"


def order_body(**changes):
    body = {"description": "Forty oak chairs", "specifications": "Oiled, seat height 45 cm", "quantity": 40}
    return {**body, **changes}


def ok(response, status=200):
    """The decoded body of an answer that must have this status; the body is shown when it has another."""
    assert response.status_code == status, f"expected {status}, got {response.status_code}: {response.text}"
    return response.json() if response.content else None


class Person:
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
        twin = Person(base, self.token, self.user, self.email, self.password)
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
        return until(lambda: (o := self.order(order_id))["status"] == status and o, timeout)

    def closed_order(self, admin, **changes):
        """An order of this user whose room the Admin has closed, in `Processing`."""
        order = self.create_order(**changes)
        admin.close(order["id"])
        return self.until_status(order["id"], "Processing", timeout=5)


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
