"""The faults: a seeded deck of them, each drawn once before any comes again."""

import asyncio
import random
import shutil
import signal
import subprocess

import database_faults
import leaders
import stream_faults
from checker import Violation
from Harness.probes import metric
from Harness.settings import seconds
from history import ClockJump, Disturbance, now

PAUSE_SECONDS, LINK_SECONDS, DISK_SECONDS, LOGS_SECONDS, CLOCK_SECONDS = 10, 12, 6, 8, 15
LOGS_ROUNDS, RECOVERY_SECONDS = 3, 90
# What these promise holds only while nothing else is wrong.
ALONE = ("rolling", "freeze", "fill the logs' disk", "let a clock jump")
CLOCK_FAULT = "let a clock jump"


class Nemesis:
    """Disturbs a system at random moments and writes down when."""

    def __init__(self, system, workload, history, seed, say, only=None):
        self.system, self.workload, self.history, self.say = system, workload, history, say
        self.random = random.Random(f"{seed}/nemesis")
        self.faults = {
            "kill auth": lambda: self._kill(self._one("auth")),
            "kill orders": lambda: self._kill(self._one("orders")),
            "kill chat": lambda: self._kill(self._one("chat")),
            "kill gateway": lambda: self._kill(self._one("gateway")),
            "kill every chat": lambda: self._kill(self.system.services("chat")),
            "kill every orders": lambda: self._kill(self.system.services("orders")),
            "kill every auth": lambda: self._kill(self.system.services("auth")),
            "kill several": lambda: self._kill(self.random.sample(self.system.services(), 4)),
            "kill provision": lambda: self._kill(self.system.services("provision")),
            "pause orders": lambda: self._pause(self._one("orders"), PAUSE_SECONDS),
            "pause auth": lambda: self._pause(self._one("auth"), PAUSE_SECONDS),
            "pause every chat": lambda: self._pause(self.system.services("chat"), PAUSE_SECONDS),
            "pause chat": lambda: self._pause(self._one("chat"), PAUSE_SECONDS),
            "pause gateway": lambda: self._pause(self._one("gateway"), PAUSE_SECONDS),
            "stop PostgreSQL at once": lambda: self._signal(["postgres"], signal.SIGQUIT),
            "kill NATS": lambda: self._kill(["nats"]),
            "kill NATS and every chat": lambda: self._kill(["nats", *self.system.services("chat")]),
            "end all database sessions": self._database(database_faults.end_sessions),
            "end database sessions during COMMIT": self._database(database_faults.end_sessions_during_commit),
            "make the database read-only": self._database(database_faults.be_read_only),
            "freeze a leader": self._freeze_leader,
            "fill the event stream": self._fill_stream,
            "cut links to NATS": self._cut_links,
            "fill PostgreSQL's disk": self._fill_disk,
            "fill the logs' disk": self._fill_logs,
            CLOCK_FAULT: self._jump,
            "rolling restart of auth": lambda: self._roll("auth"),
            "rolling restart of orders": lambda: self._roll("orders"),
            "rolling restart of chat": lambda: self._roll("chat"),
            "rolling restart of gateway": lambda: self._roll("gateway"),
        }
        # Beyond what is promised (a power cut can do it), so only when asked for.
        asked_for = {"lose what NATS stored": self._lose_stream}
        self.skipped = []
        for disk, name in ((system.disk, "fill PostgreSQL's disk"), (system.logs_disk, "fill the logs' disk")):
            if not disk:
                del self.faults[name]
                self.skipped.append(f"{name}: this user may not mount a small file system")
        if not system.clocks:
            del self.faults[CLOCK_FAULT]
            self.skipped.append(f"{CLOCK_FAULT}: libfaketime is not installed, or the fault not asked for")
        if only:
            self.faults = {
                name: fault
                for name, fault in {**self.faults, **asked_for}.items()
                if any(part in name for part in only)
            }
        self.deck = []
        self.did_not_recover = []
        # Violations that only whoever struck could see.
        self.found = []

    async def run(self, until):
        """Faults, one after the other and now and then two at once, until the moment `until`."""
        await asyncio.sleep(seconds(self.random.uniform(2, 4)))
        while now() < until:
            names = [self._draw()]
            if self.random.random() < 0.25:
                second = self._draw()
                if not any(name.startswith(ALONE) for name in [second, *names]):
                    names.append(second)
            await asyncio.gather(
                *(self._disturb(name, index * self.random.uniform(0, 2)) for index, name in enumerate(names))
            )
            await asyncio.sleep(seconds(self.random.uniform(2, 6)))

    def _draw(self):
        if not self.deck:
            self.deck = list(self.faults)
            self.random.shuffle(self.deck)
        return self.deck.pop()

    async def _disturb(self, name, delay):
        await asyncio.sleep(delay)
        disturbance = Disturbance(name, [], now())
        self.history.disturbances.append(disturbance)
        disturbance.targets = await self.faults[name]() or []
        self.say(f"{name} {' '.join(disturbance.targets)}")
        if not await self.system.is_ready_within(seconds(RECOVERY_SECONDS)):
            unready = await self.system.unready()
            self.did_not_recover.append((disturbance, unready))
            self.say(f"NOT READY after {name}: {' '.join(unready)}")
        disturbance.end = now()

    # Faults: each returns whom it struck

    def _one(self, kind):
        return [self.random.choice(self.system.services(kind))]

    async def _signal(self, names, number):
        struck = [name for name in names if self.system.signal(name, number)]
        # Until the supervisor has seen it, the process that is gone would still count as ready.
        await asyncio.sleep(0.3)
        return struck

    async def _kill(self, names):
        return await self._signal(names, signal.SIGKILL)

    async def _pause(self, names, seconds):
        pids = self._stop(names)
        await asyncio.sleep(seconds)
        self._go_on(pids)
        return list(pids)

    def _stop(self, names):
        pids = {name: self.system.signal(name, signal.SIGSTOP) for name in names}
        return {name: pid for name, pid in pids.items() if pid}

    def _go_on(self, pids):
        for name, pid in pids.items():
            if self.system.pids.get(name) == pid:
                self.system.signal(name, signal.SIGCONT)

    def _database(self, fault):
        return lambda: database_faults.or_failed(fault)(self.system)

    async def _freeze_leader(self):
        return await leaders.freeze(self.system, self.random.choice(["orders", "chat", "auth"]), self.found)

    async def _fill_stream(self):
        """A service stands still until the oldest of the events it should have taken are dropped."""
        # Each takes the other's events, and not its own.
        kind = self.random.choice(["orders", "chat"])
        names = self.system.services(kind)
        pids = self._stop(names)
        bustle = asyncio.create_task(self.workload.bustle(without=kind))
        try:
            dropped = await stream_faults.overfill(self.system, kind)
        except stream_faults.FAILURES as error:
            dropped = f"failed: {error!r}"
        finally:
            self._go_on(pids)
        await bustle
        return [*names, dropped]

    async def _cut_links(self):
        """Kills the connections to NATS where the kernel lets us, else stops NATS for longer than a client waits."""
        port = self.system.run["nats"]["url"].rsplit(":", 1)[1].rstrip("/")
        result = await asyncio.to_thread(
            subprocess.run, ["ss", "-HK", "dport", "=", f":{port}"], capture_output=True, text=True, check=False
        )
        if result.returncode == 0 and result.stdout.strip() and "Invalid" not in result.stderr:
            return [f"{len(result.stdout.splitlines())} links"]
        return await self._pause(["nats"], LINK_SECONDS)

    async def _lose_stream(self):
        self.system.signal("nats", signal.SIGSTOP)
        shutil.rmtree(self.system.data / "nats" / "jetstream", ignore_errors=True)
        return await self._kill(["nats"])

    async def _fill_disk(self):
        self.system.disk.fill()
        try:
            await asyncio.sleep(DISK_SECONDS)
        finally:
            self.system.disk.free()
        return []

    async def _fill_logs(self):
        before, failures = self.system.pids, await self._log_failures()
        self.system.logs_disk.fill_to_the_last_page()
        try:
            for _ in range(LOGS_ROUNDS):
                # There must be something to say.
                await self._database(database_faults.end_sessions)()
                await asyncio.sleep(LOGS_SECONDS / LOGS_ROUNDS)
        finally:
            failures = await self._log_failures() - failures
            self.system.logs_disk.free()
        after = self.system.pids
        if gone := [name for name, pid in before.items() if after.get(name) != pid]:
            self.found.append(Violation("no process ends because its log cannot be written", f"{gone} did"))
        return [f"{failures:.0f} writes failed"]

    async def _log_failures(self):
        values = await asyncio.gather(
            *(asyncio.to_thread(metric, url, "orderline_log_write_failures") for url in self.system.run["ops"].values())
        )
        return sum(value or 0 for value in values)

    async def _jump(self):
        """One process's wall clock is ahead for a while, and is put right again."""
        name, seconds = self._one(self.random.choice(["orders", "chat"]))[0], self.random.choice([5, 30, 120])
        pid, begun = self.system.pids[name], now()
        self.system.clocks.set(pid, seconds)
        try:
            await asyncio.sleep(CLOCK_SECONDS)
        finally:
            self.system.clocks.set(pid, 0)
        await asyncio.sleep(self.system.clocks.SECONDS_TO_NOTICE)
        self.history.clock_jumps.append(ClockJump(begun, now(), seconds))
        return [name, f"by {seconds} s"]

    async def _roll(self, kind):
        names = self.system.services(kind)
        for name in names:
            pid = self.system.signal(name, signal.SIGTERM)
            deadline = now() + seconds(60)
            while self.system.pids.get(name) in (pid, None) and now() < deadline:
                await asyncio.sleep(0.1)
            await self.system.is_ready_within(seconds(RECOVERY_SECONDS))
        return names
