"""What each process may not do, and how little it needs at rest."""

import pytest

from Harness.ports import free_ports
from Harness.processes import resident_bytes
from Harness.stack import Stack, running

SCHEMAS = {"auth": "users", "orders": "orders", "chat": "rooms"}


@pytest.mark.parametrize("role", SCHEMAS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_role_reads_its_own_schema_and_no_other(stack, role, schema):
    table = f"{schema}.{SCHEMAS[schema]}"
    for statement in (f"select count(*) from {table}", f"delete from {table} where false"):
        answer = stack.sql(f"set role {role}; {statement}")
        if role == schema:
            assert answer.returncode == 0, answer.stderr
        else:
            assert answer.returncode != 0 and "permission denied for schema" in answer.stderr, answer.stderr


@pytest.mark.processes
def test_a_process_at_rest_needs_little_memory(tmp_path_factory):
    with running(Stack(tmp_path_factory.mktemp("rest") / "data"), "--port", free_ports(1)) as stack:
        needs = {name: round(resident_bytes(pid) / (1 << 20), 1) for name, pid in stack.run["pids"].items()}
        assert all(megabytes < 60 for megabytes in needs.values()), needs
