"""What each process may not do, and how little it needs at rest."""

import os
import secrets
import subprocess

import pytest

from Harness.ports import free_ports
from Harness.processes import resident_bytes
from Harness.settings import ROOT, seconds
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


@pytest.mark.parametrize("role", SCHEMAS)
def test_a_service_changes_rows_and_nothing_else(stack, role):
    table = f"{role}.{SCHEMAS[role]}"
    for statement in (
        f"create table {role}.mine (id int)",
        f"create function {role}.mine() returns int language sql as 'select 1'",
        "create temporary table mine (id int)",
        "create schema mine",
        "create role mine",
        f"alter table {table} add column mine int",
        f"alter table {table} disable trigger all",
        f"drop table {table} cascade",
        f"truncate {table} cascade",
        f"insert into {role}.schema_migrations select 99, 'mine', ''",
        f"delete from {role}.schema_migrations where false",
        "set role migrator",
    ):
        answer = stack.sql(f"set session authorization {role}; {statement}")
        assert answer.returncode != 0, statement
        assert "permission denied" in answer.stderr or "must be owner" in answer.stderr, answer.stderr
    assert stack.sql(f"set session authorization {role}; select count(*) from {role}.schema_migrations").returncode == 0


@pytest.mark.parametrize("role", ["orders", "migrator", "postgres"])
def test_the_history_of_orders_is_only_added_to(stack, role):
    for statement in (
        "update orders.order_history set kind = kind where false",
        "delete from orders.order_history where false",
        "truncate orders.order_history",
    ):
        answer = stack.sql(f"set session authorization {role}; {statement}")
        assert answer.returncode != 0, statement
        assert "order_history is append-only" in answer.stderr or "permission denied" in answer.stderr, answer.stderr


def test_a_database_in_which_services_owned_their_schemas_is_handed_over(stack):
    name = f"handed_over_{secrets.token_hex(4)}"
    superuser = stack.run["postgres"]["url"]

    def psql(database, *arguments):
        return subprocess.run(
            ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", f"{superuser.rsplit('/', 1)[0]}/{database}"]
            + [str(argument) for argument in arguments],
            env={**os.environ, **stack.secrets(), "POSTGRES_DB": name},
            capture_output=True,
            text=True,
            timeout=seconds(60),
            check=False,
        )

    def statement(text):
        return psql(name, "-c", text)

    script = ROOT / "Deploy" / "postgres-init.sql"
    try:
        assert psql("postgres", "-f", script).returncode == 0
        before = """
            alter schema orders owner to orders;
            set session authorization orders;
            create table orders.schema_migrations (version int);
            create table orders.old (id bigint generated always as identity, number serial);
        """
        made = statement(before)
        assert made.returncode == 0, made.stderr
        for _ in range(2):
            again = psql("postgres", "-f", script)
            assert again.returncode == 0, again.stderr
        as_orders = "set session authorization orders;"
        assert statement(f"{as_orders} insert into orders.old default values").returncode == 0
        for refused in ("alter table orders.old add x int", "insert into orders.schema_migrations values (1)"):
            assert statement(f"{as_orders} {refused}").returncode != 0
        owners = statement("select distinct tableowner from pg_tables where schemaname = 'orders'").stdout
        assert owners.split() == ["migrator"]
        assert statement("set session authorization migrator; create table orders.new (id int)").returncode == 0
        assert statement(f"{as_orders} insert into orders.new values (1)").returncode == 0
    finally:
        psql("postgres", "-c", f"drop database if exists {name} with (force)")


@pytest.mark.processes
def test_a_process_at_rest_needs_little_memory(tmp_path_factory):
    with running(Stack(tmp_path_factory.mktemp("rest") / "data"), "--port", free_ports(1)) as stack:
        needs = {name: round(resident_bytes(pid) / (1 << 20), 1) for name, pid in stack.run["pids"].items()}
        assert all(megabytes < 60 for megabytes in needs.values()), needs
