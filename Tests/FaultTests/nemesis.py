"""The faults: a seeded deck of them, each drawn once before any comes again."""

import asyncio
import random
import shutil
import signal
import subprocess

import psycopg

from history import Disturbance, now
from system import SLACK

PAUSE_SECONDS, LINK_SECONDS, DISK_SECONDS = 10, 12, 6
RECOVERY_SECONDS = 90


class Nemesis:
    """Disturbs a system at random moments and writes down when."""

    def __init__(self, system, history, seed, say, only=None):
        self.system, self.history, self.say = system, history, say
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
            "end all database sessions": self._end_sessions,
            "cut links to NATS": self._cut_links,
            "fill PostgreSQL's disk": self._fill_disk,
            "rolling restart of auth": lambda: self._roll("auth"),
            "rolling restart of orders": lambda: self._roll("orders"),
            "rolling restart of chat": lambda: self._roll("chat"),
            "rolling restart of gateway": lambda: self._roll("gateway"),
        }
        # Beyond what is promised (a power cut can do it), so only when asked for.
        asked_for = {"lose what NATS stored": self._lose_stream}
        self.skipped = []
        if not system.can_fill_disk:
            del self.faults["fill PostgreSQL's disk"]
            self.skipped.append("fill PostgreSQL's disk: this user may not mount a small file system")
        if only:
            self.faults = {name: fault for name, fault in {**self.faults, **asked_for}.items()
                           if any(part in name for part in only)}
        self.deck = []
        self.did_not_recover = []

    async def run(self, until):
        """Faults, one after the other and now and then two at once, until the moment `until`."""
        await asyncio.sleep(self.random.uniform(2, 4) * SLACK)
        while now() < until:
            names = [self._draw()]
            if self.random.random() < 0.25:
                second = self._draw()
                # A rolling restart promises something only while nothing else is wrong.
                if not any(name.startswith("rolling") for name in [second, *names]):
                    names.append(second)
            await asyncio.gather(*(self._disturb(name, index * self.random.uniform(0, 2))
                                   for index, name in enumerate(names)))
            await asyncio.sleep(self.random.uniform(2, 6) * SLACK)

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
        if not await self.system.until_ready(RECOVERY_SECONDS * SLACK):
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
        pids = {name: self.system.signal(name, signal.SIGSTOP) for name in names}
        await asyncio.sleep(seconds)
        for name, pid in pids.items():
            if pid and self.system.pids.get(name) == pid:
                self.system.signal(name, signal.SIGCONT)
        return [name for name, pid in pids.items() if pid]

    async def _end_sessions(self):
        def end():
            with self.system.connect("postgres") as connection:
                return connection.execute(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                    "where pid <> pg_backend_pid() and backend_type = 'client backend'").fetchone()[0]
        try:
            return [f"{await asyncio.to_thread(end)} sessions"]
        except psycopg.Error as error:
            return [f"failed: {error}"]

    async def _cut_links(self):
        """Kills the connections to NATS where the kernel lets us, else stops NATS for longer than a client waits."""
        port = self.system.run["nats"]["url"].rsplit(":", 1)[1].rstrip("/")
        result = subprocess.run(["ss", "-HK", "dport", "=", f":{port}"], capture_output=True, text=True, check=False)
        if result.returncode == 0 and result.stdout.strip() and "Invalid" not in result.stderr:
            return [f"{len(result.stdout.splitlines())} links"]
        return await self._pause(["nats"], LINK_SECONDS)

    async def _lose_stream(self):
        self.system.signal("nats", signal.SIGSTOP)
        shutil.rmtree(self.system.data / "nats" / "jetstream", ignore_errors=True)
        return await self._kill(["nats"])

    async def _fill_disk(self):
        self.system.set_disk_full(True)
        try:
            await asyncio.sleep(DISK_SECONDS)
        finally:
            self.system.set_disk_full(False)
        return []

    async def _roll(self, kind):
        names = self.system.services(kind)
        for name in names:
            pid = self.system.signal(name, signal.SIGTERM)
            deadline = now() + 60 * SLACK
            while self.system.pids.get(name) in (pid, None) and now() < deadline:
                await asyncio.sleep(0.1)
            await self.system.until_ready(RECOVERY_SECONDS * SLACK)
        return names
