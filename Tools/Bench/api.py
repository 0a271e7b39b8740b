"""Calls of the public interface that prepare a measure; the load itself comes from wrk and load."""

import http.client
import json
import urllib.parse

from stack import ADMIN_EMAIL, ADMIN_PASSWORD

PASSWORD = "a password of the benchmark"


class Failure(RuntimeError):
    """An answer that was not expected."""


def call(base, method, path, token=None, body=None, headers=None):
    """One call: (decoded body, header fields). Any answer but a 2xx is a Failure."""
    place = urllib.parse.urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    fields = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    encoded = None
    if body is not None:
        encoded, fields["Content-Type"] = json.dumps(body).encode(), "application/json"
    try:
        connection.request(method, path, encoded, fields)
        response = connection.getresponse()
        raw = response.read()
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise Failure(f"{method} {path}: {response.status} {raw[:300]!r}")
    return (json.loads(raw) if raw else None), response.getheaders()


class Person:
    """A signed-in account."""

    def __init__(self, session):
        self.token, self.id = session["accessToken"], session["user"]["id"]
        self.email, self.name = session["user"]["email"], session["user"]["name"]


class People:
    """Accounts of the benchmark, made once: a sign-in costs a password hash."""

    def __init__(self, base):
        self.base = base
        self._users = []
        self._admin = None

    @property
    def admin(self):
        if not self._admin:
            self._admin = Person(
                call(
                    self.base,
                    "POST",
                    "/api/v1/auth/login",
                    body={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "tokenDelivery": "body"},
                )[0]
            )
        return self._admin

    def users(self, count):
        while len(self._users) < count:
            number = len(self._users) + 1
            self._users.append(
                Person(
                    call(
                        self.base,
                        "POST",
                        "/api/v1/auth/register",
                        body={
                            "name": f"Bench {number:03}",
                            "email": f"bench-{number}@bench.test",
                            "password": PASSWORD,
                        },
                    )[0]
                )
            )
        return self._users[:count]


ORDER = {
    "description": "Forty steel brackets for the shelves of the northern store",
    "specifications": "galvanised, 4 mm, holes of 8 mm at both ends, packed by tens",
    "quantity": 3,
}


def place_order(base, person):
    return call(base, "POST", "/api/v1/orders", person.token, ORDER)[0]
