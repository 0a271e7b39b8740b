"""The interface asked by a program that has read nothing but its document: schemathesis, with and without a token.

Whatever it makes up must be answered as the document says, and never by a fault of ours. With ORDERLINE_LONG=1 each
goes on for five minutes.
"""

import os
import subprocess
import sys

import pytest

from Harness.person import Person, order_body
from Harness.ports import free_ports
from Harness.randomness import SEED
from Harness.stack import FIRST_ADMIN, Stack, running

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]

SECONDS = 300 if os.environ.get("ORDERLINE_LONG") == "1" else 10
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
# What would end the session, or the account, with which it asks; and the transport of a protocol with rules of its own.
LEFT_OUT = (
    "logOut",
    "refresh",
    "endSession",
    "endUserSessions",
    "deleteUser",
    "updateUser",
    "pollSocketIo",
    "postSocketIo",
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    # Load is the point.
    stack = Stack(tmp_path_factory.mktemp("fuzzed") / "data", **FIRST_ADMIN, RATE_LIMIT_ENABLED="false")
    with running(stack, "--port", free_ports(1)):
        yield stack


@pytest.fixture(scope="module")
def owner(stack):
    """Somebody who has an order, and has said something about it."""
    person = stack.registered()
    person.say(person.create_order(**order_body())["id"])
    return person


@pytest.fixture(scope="module")
def admin(stack):
    person = Person(stack.gateways[0], email=FIRST_ADMIN["ADMIN_EMAIL"], password=FIRST_ADMIN["ADMIN_PASSWORD"])
    person.login()
    return person


@pytest.mark.parametrize("who", ["owner", "admin", "nobody"])
def test_whatever_is_made_up_is_answered_as_described(stack, who, request, tmp_path, owner):
    # Nobody is to stay nobody.
    (tmp_path / "schemathesis.toml").write_text("[auth]\nauto-signup = false\n")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{stack.gateways[0]}/openapi.json"),
        *("--checks", ",".join(CHECKS), "--max-time", str(SECONDS), "--seed", str(SEED)),
        *("--phases", "examples,coverage,fuzzing,stateful", "--suppress-health-check", "all", "--no-color"),
        *(option for name in LEFT_OUT for option in ("--exclude-operation-id", name)),
        *("--continue-on-failure", "--warnings", "off", "--request-timeout", "60"),
    ]
    if who != "nobody":
        command += ["--header", f"Authorization: Bearer {request.getfixturevalue(who).token}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 300, check=False)
    print(done.stdout[-20_000:], done.stderr[-5_000:])
    assert done.returncode == 0
