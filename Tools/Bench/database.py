"""A database of pgbench's own, with the services' real schemas, beside the product's on the same server."""

import json
import os
import secrets
import subprocess

from Harness.settings import PROGRAMS, ROOT
from people import ORDER
from tools import run

OWNER = "('00000000-0000-7000-8000-' || lpad(to_hex({0}), 12, '0'))::uuid"


def psql(url, script=None, file=None, settings=None):
    """What a script prints, bare."""
    command = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", url]
    for name, value in (settings or {}).items():
        command += ["-v", f"{name}={value}"]
    return run([*command, "-f", file or "-"], text=script, timeout=3600)


class BenchDatabase:
    """`bench` on the system's own PostgreSQL."""

    # One that is there to be read.
    ORDER = "00000000-0000-7000-a000-000000000001"

    def __init__(self, stack):
        self.stack, self.rooms = stack, 100
        passwords = stack.secrets()
        superuser = stack.run["postgres"]["url"]
        server = superuser.split("@", 1)[1].split("/", 1)[0]
        self.superuser = superuser.rsplit("/", 1)[0] + "/bench"
        self.urls = {
            role: f"postgresql://{role}:{passwords[f'{role.upper()}_DB_PASSWORD']}@{server}/bench"
            for role in ("auth", "orders", "chat")
        }
        environment = {
            **os.environ,
            "POSTGRES_DB": "bench",
            **{name: value for name, value in passwords.items() if name.endswith("_DB_PASSWORD")},
        }
        subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", superuser, "-f", ROOT / "Deploy" / "postgres-init.sql"],
            env=environment,
            check=True,
            capture_output=True,
            timeout=60,
        )
        owner = f"postgresql://migrator:{passwords['MIGRATOR_DB_PASSWORD']}@{server}/bench"
        for service in ("orders", "chat"):
            variables = {**stack.environment_of(f"{service}-1"), f"{service.upper()}_DATABASE_URL": owner}
            subprocess.run([PROGRAMS / service, "migrate"], env=variables, check=True, capture_output=True, timeout=60)
        psql(
            self.superuser,
            f"""
            insert into orders.people (id, name)
            select {OWNER.format("n")}, 'Bench ' || n from generate_series(1, 16) n;
            insert into chat.people (id, name) select id, name from orders.people;
            insert into chat.rooms (order_id, order_number, owner_id, created_at, last_activity_at)
            select ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, n, {OWNER.format("1")}, now(), now()
            from generate_series(1, {self.rooms}) n;
            insert into orders.orders
                (id, number, owner_id, description, specifications, quantity, status, version, created_at, updated_at)
            values ('{self.ORDER}', 0, {OWNER.format("1")}, '{ORDER["description"]}',
                to_json('{ORDER["specifications"]}'::text), 3, 'Review', 1, now(), now());
            analyze;
            """,
        )

    def order_variables(self, order):
        """What order.sql needs, with the bytes that `order`, an answer of the product's, has."""
        answer = json.dumps(order, separators=(",", ":")).encode()
        return {
            "run": secrets.randbelow(10**9),
            "description": ORDER["description"],
            "specifications": json.dumps(ORDER["specifications"]),
            "answer": "\\x" + answer.hex(),
            "payload": "\\x" + (b'{"order":' + answer + b"}").hex(),
            "fingerprint": "\\x" + "5a" * 32,
        }

    def empty_outbox(self):
        """The relay of the product does this all the time."""
        psql(self.superuser, "truncate orders.outbox; truncate orders.idempotency_keys;")
