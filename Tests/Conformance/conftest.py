"""A conformance-server of the run's own: the gateway's protocol code behind echoes, with the public suites' times."""

import pytest

from Harness.settings import PROGRAMS
from server import ConformanceServer

pytest_plugins = ["Harness.plugin"]


@pytest.fixture(scope="session")
def server():
    """The server that every test shares."""
    assert (PROGRAMS / "conformance-server").exists(), "build the product conformance-server first"
    with ConformanceServer() as server:
        yield server


@pytest.fixture
def base(server):
    return server.base
