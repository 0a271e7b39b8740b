"""The system under test: real processes, started by localstack in a data directory of the run's own."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from clocks import Clocks
from disks import SmallDisk
from history import now

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("ORDERLINE_PROGRAMS", ROOT / ".build" / os.environ.get("ORDERLINE_BUILD", "debug")))
# Stretches every bound, for a machine that is busy with other work.
SLACK = float(os.environ.get("FAULT_SLACK", "1"))
# A stream that a fault can overfill, and comparing that makes good what is lost in time to be looked at.
STREAM_BYTES, RECONCILE_INTERVAL = 4 << 20, "10s"
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@faults.test", "an Admin of the fault tests 1"


class System:
    """Starts, watches and stops two of each service with PostgreSQL and NATS."""

    def __init__(self, data, port):
        self.data, self.port = Path(data), port
        self.disk = self.logs_disk = self.clocks = None
        self.stopped_pids = set()

    # Start and stop

    def start(self, with_clocks=False):
        """with_clocks: each process has a wall clock of its own, where that is possible."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.disk = SmallDisk.mount(self.data / "postgres", 0o700)
        self.logs_disk = SmallDisk.mount(self.data / "logs", 0o755)
        self.clocks = Clocks.where_possible(self.data.parent) if with_clocks else None
        programs = self.clocks.wrap(PROGRAMS, ("auth", "orders", "chat", "gateway")) if self.clocks else PROGRAMS
        environment = {
            **os.environ,
            "RATE_LIMIT_ENABLED": "false",
            "JWT_ACCESS_EXPIRATION": "12h",
            "EVENTS_MAX_BYTES": str(STREAM_BYTES),
            "RECONCILE_INTERVAL": RECONCILE_INTERVAL,
            "ADMIN_EMAIL": ADMIN_EMAIL,
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
        }
        for name in ("PORT", "HOST", "JWT_SECRET", "TLS_CERT", "TLS_KEY"):
            environment.pop(name, None)
        arguments = [
            PROGRAMS / "localstack",
            "up",
            "--data",
            self.data,
            "--project",
            ROOT,
            "--build-dir",
            programs,
            "--port",
            self.port,
            "--detach",
        ]
        for service in ("gateways", "auth", "orders", "chat"):
            arguments += [f"--{service}", 2]
        result = subprocess.run(
            [str(each) for each in arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180 * SLACK,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(f"the system did not start:\n{result.stdout}{result.stderr}")

    def stop(self):
        """Stops everything, also what a fault left stopped; the data stay but for PostgreSQL's on its small disk."""
        for pid in self.stopped_pids:
            if _parent(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        disks = [disk for disk in (self.disk, self.logs_disk) if disk]
        for disk in disks:
            disk.free()
        subprocess.run(
            [str(ROOT / "bin" / "down"), "--data", str(self.data)], capture_output=True, timeout=240, check=False
        )
        for disk in disks:
            disk.unmount(is_kept=disk is self.logs_disk)
        self.disk = self.logs_disk = None

    # What runs

    @property
    def run(self):
        return json.loads((self.data / "run.json").read_text())

    @property
    def gateways(self):
        return [url.rstrip("/") for url in self.run["gateways"]]

    @property
    def pids(self):
        run = self.run
        return {**run["pids"], "postgres": run["postgres"]["pid"], "nats": run["nats"]["pid"]}

    def services(self, *kinds):
        return sorted(
            name
            for name in self.run["pids"]
            if name.rsplit("-", 1)[0] in (kinds or ("auth", "orders", "chat", "gateway"))
        )

    def signal(self, name, number):
        """Signals a process of the stack; a stopped one is remembered so that it never stays so.

        Returns its id; None when it is not there at this moment.
        """
        pid = self.pids.get(name)
        # The id may be somebody else's by now: only what the supervisor started is ours to strike.
        if not pid or _parent(pid) != int((self.data / "lock").read_text()):
            return None
        if number == signal.SIGSTOP:
            self.stopped_pids.add(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if number == signal.SIGCONT:
            self.stopped_pids.discard(pid)
        return pid

    async def unready(self):
        """The names of what is not ready now."""
        run = self.run
        urls = {name: url + "/health/ready" for name, url in run["ops"].items()}
        urls["nats"] = run["nats"]["monitor"] + "/healthz"
        names = list(urls)
        answers = await asyncio.gather(*(asyncio.to_thread(_answers, urls[name]) for name in names))
        return [name for name, is_ready in zip(names, answers) if not is_ready]

    async def until_ready(self, seconds):
        """Waits until every part says it is ready, twice in a row; False when it does not within the bound."""
        deadline = now() + seconds
        in_a_row = 0
        while now() < deadline:
            try:
                in_a_row = 0 if await self.unready() else in_a_row + 1
            except (OSError, ValueError, KeyError):
                in_a_row = 0
            if in_a_row == 2:
                return True
            await asyncio.sleep(0.2)
        return False

    # Databases

    def connect(self, database="orderline"):
        url = self.run["postgres"]["url"].rsplit("/", 1)[0] + "/" + database
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    @property
    def log_of_restarts(self):
        return (self.data / "supervisor.log").read_text(errors="replace")


def _parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=3) as response:
            return response.status == 200
    except (OSError, urllib.error.URLError, ValueError):
        return False
