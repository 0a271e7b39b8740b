"""A system of the benchmark's own, in a data directory under .local/bench."""

import shutil
import subprocess
import time

from Harness.ports import free_ports
from Harness.probes import is_ready
from Harness.processes import TIED, environment_of, processor_ticks
from Harness.settings import PROGRAMS
from Harness.stack import Stack
from Harness.waiting import until

ADMIN = {"ADMIN_EMAIL": "admin@bench.test", "ADMIN_PASSWORD": "an Admin of the benchmark 1"}


class BenchStack(Stack):
    """Some gateways and one of each service, with PostgreSQL and NATS."""

    def __init__(self, data, gateways=2, **settings):
        super().__init__(
            data, JWT_ACCESS_EXPIRATION="12h", DRAIN_TIME="0s", RATE_LIMIT_ENABLED="false", **ADMIN, **settings
        )
        self.count = gateways
        self.replicas = []

    def begin(self):
        """Starts everything and returns the seconds until it was ready."""
        # What a run that was killed left behind.
        self.end()
        self.data.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        self.started("--port", free_ports(self.count), "--gateways", self.count)
        return time.monotonic() - begun

    def end(self):
        """Stops everything; the data stay."""
        self.remove_replicas()
        if (self.data / "lock").exists():
            self.down()

    def remove(self):
        """Stops everything and removes the data."""
        self.remove_replicas()
        self.discard()
        shutil.rmtree(self.data, ignore_errors=True)

    # What runs

    def environment_of(self, name):
        return environment_of(self.pids[name])

    def wait_for_rest(self, names, patience=120):
        """Returns when these processes have little to do, as after the comparison of facts with which they begin, or
        when the patience is at its end."""
        pids = self.pids
        end, before = time.monotonic() + patience, None
        while time.monotonic() < end:
            ticks = sum(processor_ticks(pids[name]) for name in names)
            if before is not None and ticks - before < 5:
                return
            before = ticks
            time.sleep(1)  # noqa: TID251 the time over which is looked how much they do

    # One more of a service, beside those that localstack runs

    def add_replica(self, service, settings=None):
        """Starts one more, with other settings than the first has: (seconds until it was ready, its process id, its
        address if it is a gateway)."""
        ops = free_ports(2)
        port = ops + 1
        environment = {**self.environment_of(f"{service}-1"), "OPS_PORT": str(ops), **(settings or {})}
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
        until(
            lambda: is_ready(f"http://127.0.0.1:{ops}", 1) or process.poll() is not None,
            30,
            f"see {log.name}",
            every=0.002,
        )
        took = time.monotonic() - begun
        if process.poll() is not None:
            raise RuntimeError(f"one more {service} did not become ready; see {log.name}")
        return took, process.pid, f"http://127.0.0.1:{port}"

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
