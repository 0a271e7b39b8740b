"""A stack of a test's own, started with the built `localstack`; needs none of the running system's settings."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("ORDERLINE_PROGRAMS", ROOT / ".build" / os.environ.get("ORDERLINE_BUILD", "debug")))
LOCALSTACK = PROGRAMS / "localstack"
SLACK = float(os.environ.get("ORDERLINE_SLACK", "1"))


def until(condition, seconds, what):
    """The first true value of the condition, and how long it took to come."""
    begun = time.monotonic()
    while True:
        value = condition()
        took = time.monotonic() - begun
        if value:
            return value, took
        assert took < seconds * SLACK, f"not within {seconds * SLACK} s: {what}"
        time.sleep(0.01)


def free_ports(count):
    """The first of as many free ports in a row."""
    for _ in range(1000):
        first = random.randint(10_000, 30_000)
        sockets = [socket.socket() for _ in range(count)]
        try:
            for offset, each in enumerate(sockets):
                each.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise AssertionError("no free ports")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def status(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except OSError as error:
        return getattr(error, "code", None)


class Stack:
    """One data directory, and what runs in it."""

    def __init__(self, data, command="up", **environment):
        self.data = Path(data)
        self.command = command
        self.environment = {**os.environ, **environment}
        for name in ("ADMIN_EMAIL", "ADMIN_PASSWORD", "PORT", "HOST", "JWT_SECRET"):
            if name not in environment:
                self.environment.pop(name, None)

    def arguments(self, *more):
        known = [str(LOCALSTACK), self.command, "--data", str(self.data)]
        if self.command == "up":
            known += ["--project", str(ROOT), "--build-dir", str(PROGRAMS)]
        return known + [str(each) for each in more]

    def start(self, *more):
        """Runs it to readiness in the background; the result of the command that did so."""
        return subprocess.run(
            self.arguments("--detach", *more),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def started(self, *more):
        result = self.start(*more)
        assert result.returncode == 0, result.stdout + result.stderr
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

    @property
    def run(self):
        return json.loads((self.data / "run.json").read_text())

    @property
    def runs(self):
        return (self.data / "run.json").exists()

    @property
    def supervisor(self):
        return int((self.data / "lock").read_text())

    @property
    def pids(self):
        """By name, with those of PostgreSQL and NATS."""
        run = self.run
        return {**run["pids"], "postgres": run["postgres"]["pid"], "nats": run["nats"]["pid"]}

    @property
    def output(self):
        return (self.data / "supervisor.log").read_text()

    def kill(self, name, number=signal.SIGKILL):
        """Kills a process of the stack; its next id, and how long that took to be known."""
        pid = self.pids[name]
        os.kill(pid, number)
        return until(lambda: self.pids[name] != pid and self.pids[name], 10, f"{name} runs again")

    def ready(self, name):
        run = self.run
        if name == "postgres":
            return self.sql("select 1").stdout.strip() == "1"
        url = run["nats"]["monitor"] + "/healthz" if name == "nats" else run["ops"][name] + "/health/ready"
        return status(url) == 200

    def sql(self, statement, url=None):
        return subprocess.run(
            ["psql", "-XAtq", url or self.run["postgres"]["url"], "-c", statement],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def down(self):
        return subprocess.run(
            [str(ROOT / "bin" / "down"), "--data", str(self.data)],
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def discard(self):
        self.down()
        cluster = self.data / "postgres"
        if cluster.is_symlink():
            subprocess.run(["rm", "-rf", os.path.realpath(cluster)], check=False)


def restarts_named(output, name):
    return re.findall(rf"^{name} \(pid \d+\) (.*) after [\d.]+ s; it is started again", output, re.MULTILINE)
