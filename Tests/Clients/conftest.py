"""Fixtures: the running system that ORDERLINE_RUN describes, and people to use it as.

ORDERLINE_RUN             path of the run.json of a system with two processes of each kind
ORDERLINE_ADMIN_EMAIL     the first Admin
ORDERLINE_ADMIN_PASSWORD
ORDERLINE_CORS_ORIGIN     one of the system's CORS_ORIGINS
ORDERLINE_PAGE_ORIGIN     another one, http://127.0.0.1:PORT with a free port: there the tests serve a page
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from Harness import contract
from Harness.person import Person, ok
from Harness.stack import Stack

pytest_plugins = ["Harness.plugin"]


contract.watch()


def setting(name):
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set; see conftest.py", pytrace=False)
    return value


@pytest.fixture(scope="session")
def stack():
    """The system that every test shares."""
    return Stack(Path(setting("ORDERLINE_RUN")).parent)


@pytest.fixture(scope="session")
def gateways(stack):
    return stack.gateways


@pytest.fixture(scope="session")
def gateway(gateways):
    return gateways[0]


@pytest.fixture(scope="session")
def other_gateway(gateways):
    return gateways[-1]


@pytest.fixture(scope="session")
def cors_origin():
    return setting("ORDERLINE_CORS_ORIGIN")


@pytest.fixture(scope="session")
def page_origin():
    return setting("ORDERLINE_PAGE_ORIGIN")


@pytest.fixture
def anonymous(gateway):
    return Person(gateway)


@pytest.fixture(scope="session")
def make_user(gateway):
    """Registers somebody nobody else uses."""

    def make(base=None, **details):
        person = Person(base or gateway)
        person.register(**details)
        return person

    return make


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def other(make_user):
    return make_user(name="Otto Other")


@pytest.fixture(scope="session")
def first_admin(gateway):
    """Signs the first Admin in, and again before the access token can run out."""
    kept = {}

    def current():
        if not kept or time.monotonic() - kept["at"] > 240:
            person = Person(
                gateway, email=setting("ORDERLINE_ADMIN_EMAIL"), password=setting("ORDERLINE_ADMIN_PASSWORD")
            )
            person.login()
            kept.update(person=person, at=time.monotonic())
        return kept["person"]

    return current


@pytest.fixture
def admin(first_admin):
    """The first Admin, shared by every test: never sign this one out or change it."""
    return first_admin()


@pytest.fixture(scope="session")
def make_admin(make_user, first_admin):
    """An Admin of the test's own."""

    def make(**details):
        person = make_user(**{"name": "Ada Admin", **details})
        ok(first_admin().patch(f"/users/{person.id}", json={"role": "Admin"}))
        # The change of role ends the session that registering began.
        person.login()
        assert person.user["role"] == "Admin", person.user
        return person

    return make


@pytest.fixture
def together():
    """Calls all functions at the same time and returns their results in order."""

    def call(*functions):
        with ThreadPoolExecutor(max_workers=len(functions)) as pool:
            return [future.result() for future in [pool.submit(function) for function in functions]]

    return call
