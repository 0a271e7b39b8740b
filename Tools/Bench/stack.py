"""A system of the benchmark's own: real processes, started by localstack in a data directory under .local/bench."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("ORDERLINE_PROGRAMS", ROOT / ".build" / "release"))
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@bench.test", "an Admin of the benchmark 1"

# Before a command: it ends with this process, however that ends.
TIED = ["setpriv", "--pdeathsig", "TERM"]


def free_port(count=1):
    """The first of `count` neighbouring free ports below those that the kernel gives to clients."""
    for first in range(21000 + os.getpid() % 4000, 32000, count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise RuntimeError("no free port")


def is_ready(url):
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


class Stack:
    """Two gateways and one of each service, with PostgreSQL and NATS."""

    def __init__(self, data, gateways=2, settings=None):
        self.data, self.count = Path(data), gateways
        self.settings = settings or {}
        self.replicas = []

    def start(self):
        """Starts everything and returns the seconds until it was ready."""
        # What a run that was killed left behind.
        self.stop()
        environment = {
            **os.environ,
            "RATE_LIMIT_ENABLED": "false",
            "JWT_ACCESS_EXPIRATION": "12h",
            "DRAIN_TIME": "0s",
            "ADMIN_EMAIL": ADMIN_EMAIL,
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            **self.settings,
        }
        for name in ("PORT", "HOST", "JWT_SECRET", "TLS_CERT", "TLS_KEY", "DATABASE_URL"):
            environment.pop(name, None)
        self.data.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        result = subprocess.run(
            [
                PROGRAMS / "localstack",
                "up",
                "--data",
                self.data,
                "--project",
                ROOT,
                "--build-dir",
                PROGRAMS,
                "--port",
                str(free_port(self.count)),
                "--gateways",
                str(self.count),
                "--detach",
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(f"the system did not start:\n{result.stdout}{result.stderr}")
        seconds = time.monotonic() - begun
        self.run = json.loads((self.data / "run.json").read_text())
        return seconds

    def stop(self):
        """Stops everything; the data stay."""
        self.remove_replicas()
        if (self.data / "lock").exists():
            subprocess.run([ROOT / "bin" / "down", "--data", self.data], capture_output=True, timeout=300, check=False)

    def remove(self):
        """Stops everything and removes the data."""
        self.stop()
        cluster = self.data / "postgres"
        if cluster.is_symlink():
            shutil.rmtree(cluster.resolve(), ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)

    # What runs

    @property
    def gateways(self):
        return [url.rstrip("/") for url in self.run["gateways"]]

    def pid(self, name):
        return self.run["pids"][name]

    def secrets(self):
        lines = (self.data / "secrets.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def wait_for_rest(self, names, patience=120):
        """Returns when these processes have little to do, as after the comparison of facts with which they begin."""

        def ticks():
            fields = [Path(f"/proc/{self.pid(name)}/stat").read_text().rsplit(")", 1)[1].split() for name in names]
            return sum(int(each[11]) + int(each[12]) for each in fields)

        end, before = time.monotonic() + patience, ticks()
        while time.monotonic() < end:
            time.sleep(1)
            now = ticks()
            if now - before < 5:
                return
            before = now

    def environment_of(self, name):
        raw = Path(f"/proc/{self.pid(name)}/environ").read_bytes()
        return dict(part.split("=", 1) for part in raw.decode().split("\0") if "=" in part)

    # One more of a service, beside those that localstack runs

    def add_replica(self, service):
        """Starts one more: (seconds until it was ready, its process id, its address if it is a gateway)."""
        ops = free_port(2)
        port = ops + 1
        environment = {**self.environment_of(f"{service}-1"), "OPS_PORT": str(ops)}
        if service == "gateway":
            environment["PORT"] = str(port)
        with open(self.data / f"{service}-replica.log", "ab") as log:
            begun = time.monotonic()
            process = subprocess.Popen(
                [*TIED, PROGRAMS / service],
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.replicas.append(process)
        while not is_ready(f"http://127.0.0.1:{ops}/health/ready"):
            if process.poll() is not None or time.monotonic() - begun > 30:
                raise RuntimeError(f"one more {service} did not become ready; see {log.name}")
            time.sleep(0.002)
        return time.monotonic() - begun, process.pid, f"http://127.0.0.1:{port}"

    def remove_replicas(self):
        for process in self.replicas:
            process.terminate()
        for process in self.replicas:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.replicas = []
