"""The system under test: two of each service, on small disks and with clocks of their own where that is possible."""

import asyncio
import contextlib
import os
import signal

from clocks import Clocks
from disks import SmallDisk
from Harness.probes import is_ready, status
from Harness.processes import parent_of
from Harness.settings import PROGRAMS
from Harness.stack import FIRST_ADMIN, Stack
from history import now

# A stream that a fault can overfill, and comparing that makes good what is lost in time to be looked at.
STREAM_BYTES, RECONCILE_INTERVAL = 4 << 20, "10s"
SERVICES = ("auth", "orders", "chat", "gateway")


class System(Stack):
    """Starts, watches and stops two of each service with PostgreSQL and NATS."""

    def __init__(self, data, port):
        super().__init__(
            data,
            JWT_ACCESS_EXPIRATION="12h",
            EVENTS_MAX_BYTES=str(STREAM_BYTES),
            RECONCILE_INTERVAL=RECONCILE_INTERVAL,
            **FIRST_ADMIN,
        )
        self.port = port
        self.disk = self.logs_disk = self.clocks = None
        self.stopped_pids = set()

    # Start and stop

    def begin(self, with_clocks=False):
        """with_clocks: each process has a wall clock of its own, where that is possible."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.disk = SmallDisk.mount(self.data / "postgres", 0o700)
        self.logs_disk = SmallDisk.mount(self.data / "logs", 0o755)
        self.clocks = Clocks.where_possible(self.data.parent) if with_clocks else None
        if self.clocks:
            self.programs = self.clocks.wrap(PROGRAMS, SERVICES)
        self.started("--port", self.port, "--gateways", 2, "--auth", 2, "--orders", 2, "--chat", 2)

    def end(self):
        """Stops everything, also what a fault left stopped; the data stay but for PostgreSQL's on its small disk."""
        for pid in self.stopped_pids:
            if parent_of(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        disks = [disk for disk in (self.disk, self.logs_disk) if disk]
        for disk in disks:
            disk.free()
        self.down()
        for disk in disks:
            disk.unmount(is_kept=disk is self.logs_disk)
        self.disk = self.logs_disk = None

    # What runs

    def services(self, *kinds):
        """The names of the processes of these services, or of all that people use."""
        return sorted(self.pids_of(*(kinds or SERVICES)))

    def signal(self, name, number):
        """Signals a process of the stack; a stopped one is remembered so that it never stays so.

        Returns its id; None when it is not there at this moment.
        """
        pid = self.pids.get(name)
        # The id may be somebody else's by now: only what the supervisor started is ours to strike.
        if not pid or parent_of(pid) != self.supervisor:
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
        probes = [(name, is_ready, url) for name, url in run["ops"].items()]
        probes.append(("nats", lambda url, timeout: status(url, timeout) == 200, run["nats"]["monitor"] + "/healthz"))
        answers = await asyncio.gather(*(asyncio.to_thread(probe, url, 3) for _, probe, url in probes))
        return [name for (name, _, _), answer in zip(probes, answers, strict=True) if not answer]

    async def is_ready_within(self, seconds):
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
