"""More orders than the system can take: it refuses at once what it cannot do, and does the rest.

ORDERLINE_LONG=1, with ORDERLINE_BUILD=release, goes on for a minute at five times what it can take, and holds refusals
to 50 ms. Without it the flood is what a debug build stands: as much as it answers, for ten seconds.
"""

import http.client
import json
import os
import resource
import statistics
import subprocess
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from Harness.person import order_body
from Harness.probes import status
from Harness.processes import resident_bytes
from Harness.settings import SLACK, seconds
from Harness.waiting import until
from small import small_system

LONG = os.environ.get("ORDERLINE_LONG") == "1"
FLOOD_SECONDS = 60 if LONG else 10
# Enough to keep asking while some wait for their answer.
CONNECTIONS = 500 if LONG else 300
TIMES_CAPACITY = 5
# How much of that is asked at least, as times the capacity: a debug build answers no faster than it is asked.
OFFERED = TIMES_CAPACITY / 2 if LONG else 1
# Few, so that the limit is what the flood goes over and not the machine, which makes the flood as well.
SETTINGS = {"CLIENT_REQUEST_LIMIT": "4" if LONG else "32"}
REFUSED_WITHIN = 0.05 if LONG else 1
# In ten seconds a process has not grown to its size yet.
SLACK_BYTES = 0 if LONG else 8 << 20
SCRIPT = Path(__file__).with_name("flood.lua")


class Flood:
    """One run of wrk and what it saw."""

    def __init__(self, gateway, person, file, seconds, connections, pause):
        self.file, self.seconds, self.mark = Path(file), seconds, uuid.uuid4().hex
        self.process = subprocess.Popen(
            [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--timeout",
                "10s",
                "-s",
                str(SCRIPT),
                gateway + "/api/v1/orders",
                "--",
                person.token,
                self.mark,
                str(pause),
                str(file),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def is_over(self):
        return self.process.poll() is not None

    def end(self):
        output, _ = self.process.communicate(timeout=self.seconds + 30)
        assert self.process.returncode == 0, output
        self.result = json.loads(output.splitlines()[-1])
        self.answers = self.result["answers"]
        self.placed = self.file.read_text().split()
        return self


class Repeated(threading.Thread):
    """Does something again and again, until told to stop."""

    def __init__(self, action, every):
        super().__init__(daemon=True)
        self.action, self.every, self.stopping = action, every, threading.Event()
        self.start()

    def run(self):
        while not self.stopping.is_set():
            self.action()
            self.stopping.wait(self.every)

    def stop(self):
        self.stopping.set()
        self.join()


class Probe:
    """Places one order after the other on a connection of its own: (moment, status, seconds)."""

    def __init__(self, gateway, person, every):
        self.connection = http.client.HTTPConnection(urlsplit(gateway).netloc, timeout=20)
        self.headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
        self.body = json.dumps(order_body())
        self.answers = []
        self.asking = Repeated(self.ask, every)

    def ask(self):
        begun = time.monotonic()
        try:
            self.connection.request("POST", "/api/v1/orders", self.body, self.headers)
            answer = self.connection.getresponse()
            answer.read()
            outcome = answer.status
        except (OSError, http.client.HTTPException) as error:
            outcome = type(error).__name__
            self.connection.close()
        self.answers.append((begun, outcome, time.monotonic() - begun))

    def stop(self):
        self.asking.stop()
        self.connection.close()
        return self.answers


class Watch:
    """Memory of every process, and who did not say within 5 s to be ready."""

    def __init__(self, stack):
        run = stack.run
        self.pids = {name: run["pids"][name] for name in run["ops"]}
        self.urls = {**run["ops"], "the gateway's public port": stack.gateways[0]}
        self.memory = {name: [] for name in self.pids}
        self.unready, self.begun = [], time.monotonic()
        # One would hold up the other.
        self.watching = [Repeated(self.measure, 0.25), Repeated(self.ask, 0.5)]

    def measure(self):
        for name, sizes in self.memory.items():
            sizes.append(resident_bytes(self.pids[name]))

    def ask(self):
        for name, url in self.urls.items():
            begun = time.monotonic()
            answer = status(url + "/health/ready")
            if answer != 200:
                took, moment = time.monotonic() - begun, begun - self.begun
                self.unready.append(f"{name}, asked after {moment:.1f} s, said {answer} after {took:.1f} s")

    def stop(self):
        for each in self.watching:
            each.stop()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def latencies(gateway, person, count=100):
    """How long orders take that are placed one after the other."""
    probe = Probe(gateway, person, every=0)
    until(lambda: len(probe.answers) >= count, 60)
    answers = probe.stop()
    assert {outcome for _, outcome, _ in answers} == {201}, answers
    return [took for _, _, took in answers]


class Run:
    """The flood and everything that was observed around it."""

    def __init__(self, stack, folder):
        self.stack = stack
        gateway, person = stack.gateways[0], stack.registered()
        self.pids = dict(stack.pids)
        # Memory that as many connections need is taken now.
        Flood(gateway, person, folder / "first", 3, CONNECTIONS, 0).end()
        # The better of two: what else the machine does may come between.
        calm = [Flood(gateway, person, folder / "calm", 3, 4 if LONG else 30, 0).end() for _ in range(2)]
        self.capacity = max(each.answers["201"] / each.seconds for each in calm)
        self.before = latencies(gateway, person)
        pause = 1000 * CONNECTIONS / (TIMES_CAPACITY * self.capacity)
        self.flood = Flood(gateway, person, folder / "flood", FLOOD_SECONDS, CONNECTIONS, pause)
        watch, probe = Watch(stack), Probe(gateway, person, every=0.02)
        self.flood.end()
        over = time.monotonic()
        watch.stop()
        until(lambda: any(begun > over + seconds(4) for begun, _, _ in probe.answers), 60)
        answers = probe.stop()
        self.during = [each for each in answers if each[0] <= over]
        # What is asked from the second second on.
        self.late = [outcome for begun, outcome, _ in answers if begun > over + seconds(2)]
        self.after = latencies(gateway, person)
        self.memory, self.unready = watch.memory, watch.unready
        self.offered = sum(self.flood.answers.values()) / FLOOD_SECONDS

    @property
    def report(self):
        """The numbers, shown beside a test that fails."""
        kinds = ", ".join(
            f"{len(took)} times {outcome} (p50 {1000 * percentile(took, 0.5):.0f} ms, "
            f"p99 {1000 * percentile(took, 0.99):.0f} ms)"
            for outcome in (201, 503, 504)
            if (took := self.of_probe(outcome))
        )
        return (
            f"capacity {self.capacity:.0f}/s, offered {self.offered:.0f}/s: {self.flood.result}; "
            f"the probe was answered {kinds}"
        )

    def of_probe(self, wanted):
        """How long the probe's answers of this status took during the flood."""
        return [took for _, outcome, took in self.during if outcome == wanted]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("overload")
    # One file for each of the connections of wrk, which inherits this.
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    with small_system(folder / "data", gateways=1, **SETTINGS) as stack:
        yield Run(stack, folder)


def test_what_cannot_be_done_is_refused_properly(run):
    # A slow service is a 504 at its deadline; an overloaded one refuses before it is slow.
    assert set(run.flood.answers) == {"201", "503"}, run.report
    assert run.flood.answers["503"] > run.flood.answers["201"] / 2, run.report
    assert all(run.flood.result[kind] == 0 for kind in ("connect", "read", "write", "timeout")), run.report


def test_nobody_waits_so_long_that_the_flood_runs_dry(run):
    """Who waits for an answer asks for nothing: the flood reaches its rate only when answers come soon."""
    assert run.offered > OFFERED * run.capacity / SLACK, run.report


def test_refusals_come_at_once(run):
    assert {outcome for _, outcome, _ in run.during} <= {201, 503}, run.report
    refused = run.of_probe(503)
    assert refused and percentile(refused, 0.99) < seconds(REFUSED_WITHIN), run.report


def test_what_is_admitted_is_done(run):
    """The flood takes nothing from those who are admitted but their turn, and the processors that it needs itself."""
    assert run.flood.answers["201"] / FLOOD_SECONDS > run.capacity / 3 / SLACK, run.report


def test_every_order_acknowledged_exists_once_and_has_its_room(run):
    placed = run.flood.placed
    assert len(placed) == len(set(placed)) == run.flood.answers["201"]
    with run.stack.connect() as connection:
        stored = {
            str(row[0])
            for row in connection.execute("select id from orders.orders where description = %s", [run.flood.mark])
        }
        # At its end wrk hangs up on what it has in flight.
        assert set(placed) <= stored and len(stored) - len(placed) <= CONNECTIONS
        until(lambda: without_rooms(connection) == 0, 120)
    assert not any(run.stack.collect().leftovers.values())


def without_rooms(connection):
    return connection.execute(
        "select count(*) from orders.orders o where not exists (select from chat.rooms r where r.order_id = o.id)"
    ).fetchone()[0]


def test_memory_stays_flat(run):
    grown = {
        name: (sizes[len(sizes) // 2] >> 20, sizes[-1] >> 20)
        for name, sizes in run.memory.items()
        if sizes[-1] > 1.1 * sizes[len(sizes) // 2] + SLACK_BYTES
    }
    assert not grown, f"MiB at half time and at the end: {grown}; {run.report}"


def test_every_part_stays_ready(run):
    assert not run.unready, f"{run.unready}; {run.report}"
    assert run.stack.pids == run.pids, "a process was restarted"


def test_afterwards_all_is_as_before(run):
    assert set(run.late) == {201}, run.late
    before, after = (statistics.median(each) for each in (run.before, run.after))
    assert after < (2 * before + 0.005) * SLACK, (before, after)
