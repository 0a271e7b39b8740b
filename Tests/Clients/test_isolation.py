"""What each process may not do, and how little it needs at rest."""

import subprocess

import pytest

SCHEMAS = {"auth": "users", "orders": "orders", "chat": "rooms"}


def psql(run, role, statement):
    url = run.now["postgres"]["url"].rsplit("/", 1)[0] + "/orderline"
    return subprocess.run(
        ["psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", f"set role {role}", "-c", statement],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("role", SCHEMAS)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_role_reads_its_own_schema_and_no_other(run, role, schema):
    table = f"{schema}.{SCHEMAS[schema]}"
    for statement in (f"select count(*) from {table}", f"delete from {table} where false"):
        answer = psql(run, role, statement)
        if role == schema:
            assert answer.returncode == 0, answer.stderr
        else:
            assert answer.returncode != 0 and "permission denied for schema" in answer.stderr, answer.stderr


def resident(pid):
    """Megabytes in memory, shared pages included."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


@pytest.mark.processes
def test_a_process_at_rest_needs_little_memory(tmp_path_factory):
    from localstack import Stack, free_ports
    import json

    stack = Stack(tmp_path_factory.mktemp("rest") / "data", RATE_LIMIT_ENABLED="false")
    try:
        stack.started("--port", free_ports(1))
        pids = json.loads((stack.data / "run.json").read_text())["pids"]
        needs = {name: round(resident(pid), 1) for name, pid in pids.items()}
        print(needs)
        assert all(megabytes < 60 for megabytes in needs.values()), needs
    finally:
        stack.discard()
