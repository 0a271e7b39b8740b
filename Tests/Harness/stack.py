"""A system of real processes, started by the built `localstack` in a data directory of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg

from Harness.person import Person
from Harness.probes import is_ready, page, status
from Harness.probes import metric as metric_at
from Harness.processes import standing_still
from Harness.settings import PROGRAMS, ROOT, seconds
from Harness.waiting import until

# The first Admin of a system whose starter wants to sign in as one.
FIRST_ADMIN = {"ADMIN_EMAIL": "admin@harness.test", "ADMIN_PASSWORD": "an Admin of the harness 1"}
# What must not come from whoever runs the tests.
OWN_SETTINGS = ("ADMIN_EMAIL", "ADMIN_PASSWORD", "PORT", "HOST", "JWT_SECRET", "TLS_CERT", "TLS_KEY", "DATABASE_URL")
START_SECONDS, STOP_SECONDS = 180, 240


class Stack:
    """One data directory, and what runs in it.

    command: `up` for everything, `backing` for PostgreSQL and NATS alone.
    programs: the directory of the executables that are run.
    environment: settings, in the place of what this process has.
    """

    def __init__(self, data, command="up", programs=PROGRAMS, **environment):
        self.data, self.command, self.programs = Path(data), command, programs
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in OWN_SETTINGS and not name.startswith("RATE_LIMIT_")
        }
        # What starts a system of its own asks as often as it can, and from one address: limits are for tests of limits.
        self.environment = {"RATE_LIMIT_ENABLED": "false", **inherited, **environment}

    # Start and stop

    def arguments(self, *more):
        known = [PROGRAMS / "localstack", self.command, "--data", self.data]
        if self.command == "up":
            known += ["--project", ROOT, "--build-dir", self.programs]
        return [str(each) for each in (*known, *more)]

    def start(self, *more):
        """Runs it to readiness in the background; the result of the command that did so."""
        return subprocess.run(
            self.arguments("--detach", *more),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds(START_SECONDS),
            check=False,
        )

    def started(self, *more):
        result = self.start(*more)
        assert result.returncode == 0, f"the system did not start:\n{result.stdout}{result.stderr}"
        return result

    def foreground(self, *more):
        return subprocess.Popen(
            self.arguments(*more),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def down(self):
        """Stops everything; the data stay."""
        return subprocess.run(
            [str(ROOT / "bin" / "down"), "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=seconds(STOP_SECONDS),
            check=False,
        )

    def discard(self):
        """Stops everything; the database goes, the logs stay."""
        self.down()
        cluster = self.data / "postgres"
        if cluster.is_symlink():
            shutil.rmtree(cluster.resolve(), ignore_errors=True)

    # What runs

    @property
    def run(self):
        """run.json, read anew each time: process ids change when a process is restarted."""
        return json.loads((self.data / "run.json").read_text(encoding="utf-8"))

    @property
    def runs(self):
        return (self.data / "run.json").exists()

    @property
    def gateways(self):
        return [url.rstrip("/") for url in self.run["gateways"]]

    @property
    def supervisor(self):
        return int((self.data / "lock").read_text())

    @property
    def pids(self):
        """By name, with those of PostgreSQL and NATS."""
        run = self.run
        return {**run["pids"], "postgres": run["postgres"]["pid"], "nats": run["nats"]["pid"]}

    def pids_of(self, *services):
        """By name, those of the processes of these services."""
        return {name: pid for name, pid in self.run["pids"].items() if name.rsplit("-", 1)[0] in services}

    def secrets(self):
        lines = (self.data / "secrets.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    @property
    def output(self):
        """What the supervisor has said."""
        return (self.data / "supervisor.log").read_text(errors="replace")

    def log(self, name):
        return Path(self.run["logs"][name]).read_text(encoding="utf-8")

    def page(self, name, path):
        """What the process's operator port answers."""
        return page(self.run["ops"][name], path)

    def metric(self, name, metric):
        return metric_at(self.run["ops"][name], metric)

    # Readiness

    def is_ready(self, name):
        run = self.run
        if name == "postgres":
            return self.sql("select 1").stdout.strip() == "1"
        if name == "nats":
            return status(run["nats"]["monitor"] + "/healthz") == 200
        return is_ready(run["ops"][name])

    def until_ready(self, *names, bound=60):
        """Waits until each of these is ready, or everything that has an operator's port."""
        for name in names or self.run["ops"]:
            until(lambda name=name: self.is_ready(name), bound, f"{name} is ready")

    # Ends and standstills

    def kill(self, name, number=signal.SIGKILL, bound=10):
        """Kills a process of the stack; its next id, and how many seconds it took until that was known.

        bound: the seconds that this may take; one that is asked to end may have something to finish.
        """
        pid, begun = self.pids[name], time.monotonic()
        os.kill(pid, number)
        following = until(lambda: self.pids[name] != pid and self.pids[name], bound, f"{name} runs again", every=0.01)
        return following, time.monotonic() - begun

    @contextmanager
    def still(self, name):
        """The process stands still for the time of the block."""
        with standing_still([self.pids[name]]):
            yield

    # Databases

    def sql(self, statement, url=None):
        """psql's result, as the superuser or as whoever the address names."""
        return subprocess.run(
            ["psql", "-XAtq", url or self.run["postgres"]["url"], "-c", statement],
            capture_output=True,
            text=True,
            timeout=seconds(30),
            check=False,
        )

    def connect(self, database="orderline"):
        """A superuser's connection, each statement a transaction of its own."""
        url = self.run["postgres"]["url"].rsplit("/", 1)[0] + "/" + database
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    # People

    def registered(self, gateway=None, kind=Person):
        person = kind(gateway or self.gateways[0])
        person.register()
        return person

    def admin(self, kind=Person):
        """The first Admin, of a system that was told who that is."""
        person = kind(
            self.gateways[0], email=self.environment["ADMIN_EMAIL"], password=self.environment["ADMIN_PASSWORD"]
        )
        person.login()
        return person


@contextmanager
def running(stack, *arguments):
    """Starts it for the time of the block."""
    try:
        stack.started(*arguments)
        yield stack
    finally:
        stack.discard()


def restarts_named(output, name):
    return re.findall(rf"^{name} \(pid \d+\) (.*) after [\d.]+ s; it is started again", output, re.MULTILINE)
