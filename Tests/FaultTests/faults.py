"""`python -m faults --minutes N --seed S`: breaks a running system on purpose and checks what it promised.

Exit status: 0 nothing found, 1 a promise broken, 2 the run itself failed.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

import psycopg

import evidence
import report
from calls import Calls
from checker import Checker, Violation
from Harness.ports import free_ports
from Harness.settings import SLACK, seconds
from Harness.stack import FIRST_ADMIN
from history import History, now
from nemesis import CLOCK_FAULT, Nemesis
from seats import Seat
from system import System
from workload import Workload

CUSTOMERS, ADMINS = 8, 3
QUIET_SECONDS = 120


class Run:
    """One run against one system that was started for it."""

    def __init__(self, system, minutes, seed, only=None):
        self.system, self.minutes, self.seed, self.only = system, minutes, seed, only
        self.history = History()
        self.found = []

    def say(self, text):
        print(f"{now() - self.history.started:9.3f}  {text}", flush=True)

    async def carry_out(self):
        """Sets people to work, disturbs them, waits for quiet and judges."""
        loop = asyncio.get_running_loop()
        # A socket that is lost answers calls nobody waits for any more.
        loop.set_exception_handler(
            lambda loop, context: (
                isinstance(context.get("exception"), ConnectionError) or loop.default_exception_handler(context)
            )
        )
        # Cancelled like this, everything is taken down in its order.
        loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
        async with Calls(self.system.gateways, f"{self.seed}/api") as api:
            customers, admins = await self._people(api)
            self.workload = Workload(api, self.history, customers, admins, self.seed)
            self.nemesis = Nemesis(self.system, self.workload, self.history, self.seed, self.say, self.only)
            for reason in self.nemesis.skipped:
                self.say(f"skipped: {reason}")
            self.history.started = now()
            seats = [seat for _, seats in customers + admins for seat in seats]
            sitting = [asyncio.create_task(seat.run()) for seat in seats]
            working = asyncio.create_task(self.workload.run())
            nemesis = asyncio.create_task(self.nemesis.run(now() + self.minutes * 60))
            try:
                # Work that fails is a fault of the harness; it ends the run.
                await asyncio.wait([nemesis, working], return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    nemesis.cancel()
                    working.result()
                nemesis.result()
                api.give_up_at = now() + seconds(60)
                self.workload.stopping.set()
                await working
                self.say("the work is done")
                await self._until_quiet(seats)
                for person in (admins[0][0], customers[0][0]):
                    rooms = self.workload.rooms
                    if not person.is_admin:
                        self.workload.rooms = [room for room in rooms if room.owner is person]
                    await self.workload.read_everything(person)
                    self.workload.rooms = rooms
                found = await asyncio.to_thread(self._collect)
                self._judge(found)
            finally:
                left = {nemesis, working, *sitting}
                # A client library may swallow one cancellation.
                for _ in range(6):
                    for task in left:
                        task.cancel()
                    _, left = await asyncio.wait(left, timeout=6)
                    if not left:
                        break

    async def _people(self, api):
        """Customers and Admins, each with a seat at both doors."""
        first = await api.sign_in("admin-0", *FIRST_ADMIN.values())
        people = [await api.register(f"customer-{index}") for index in range(CUSTOMERS)]
        admins = [await api.make_admin(first, f"admin-{index + 1}") for index in range(ADMINS)]

        def seats(person):
            return person, [
                Seat(
                    f"{person.name}/{door}",
                    person,
                    door,
                    self.system.gateways,
                    self.history,
                    f"{self.seed}/{person.name}/{door}",
                )
                for door in ("websocket", "socketio")
            ]

        return [seats(person) for person in people], [seats(person) for person in admins]

    async def _until_quiet(self, seats):
        """Until every part is ready, the outboxes are empty, the orders have followed, and the sockets have it all."""
        deadline = now() + seconds(QUIET_SECONDS)
        missing = "nothing was looked at"
        while now() < deadline:
            missing = await self._missing(seats)
            if not missing:
                # Whatever would come twice has a moment to do so.
                await asyncio.sleep(3)
                self.say("the system is quiet")
                return
            await asyncio.sleep(0.5)
        self.say(f"not quiet: {missing}")
        self.found.append(
            Violation("a system left alone becomes quiet", f"after {seconds(QUIET_SECONDS)} s: {missing}")
        )

    async def _missing(self, seats):
        try:
            if unready := await self.system.unready():
                return f"not ready: {unready}"
            found = await asyncio.to_thread(self._collect)
        except (OSError, ValueError, KeyError, psycopg.Error) as error:
            return str(error)
        if left := {name: count for name, count in found.leftovers.items() if count}:
            return f"left: {left}"
        rooms = {room["order"]: room for room in found.rooms}
        behind = [
            order["id"]
            for order in found.orders
            if order["id"] not in rooms or bool(rooms[order["id"]]["summary"]) == (order["status"] == "Review")
        ]
        if behind:
            return f"rooms and orders disagree: {behind}"
        if old := evidence.old_names(found):
            return f"old names: {old}"
        absent = [seat.name for seat in seats if set(seat.rooms) - set(seat.sessions)]
        if absent:
            return f"not joined again: {absent}"
        waiting = [
            f"{seat.life.name} {order} {seat.rooms[order]} of {rooms[order]['last_seq']}"
            for seat in seats
            for order in seat.rooms
            if (seat.rooms[order] or 0) < rooms[order]["last_seq"]
        ]
        return f"not delivered: {waiting}" if waiting else None

    def _collect(self):
        with self.system.connect() as connection:
            return evidence.collect(connection)

    def _judge(self, found):
        self.evidence = found
        for disturbance, unready in self.nemesis.did_not_recover:
            self.found.append(Violation("every part recovers by itself", f"{unready} after {disturbance.what}"))
        self.found += self.nemesis.found
        self.found += Checker(self.history, found, SLACK).violations()


def run(minutes, seed, data=None, only=None):
    """Starts a system, disturbs it and stops it. Returns the violations, after printing them.

    data: the directory of the system's data; without it one is made and removed again, unless something was found.
    """
    place = Path(data) if data else Path(tempfile.mkdtemp(prefix="orderline-faults-"))
    place.chmod(0o755) if place.exists() else None
    system = System(place / "system", free_ports(2))
    print(f"seed {seed}, {minutes} minutes, data in {place}, slack {SLACK}", flush=True)
    begun, attempt, given_up = time.monotonic(), None, False
    try:
        system.begin(with_clocks=not only or any(part in CLOCK_FAULT for part in only))
        attempt = Run(system, minutes, seed, only)
        asyncio.run(attempt.carry_out())
    except asyncio.CancelledError:
        given_up = True
        raise
    finally:
        system.end()
        if attempt:
            (place / "history.json").write_text(json.dumps(attempt.history.to_json(), default=str))
        if given_up and not data:
            shutil.rmtree(place, ignore_errors=True)
    print(report.text(attempt.found, attempt.history, attempt.evidence))
    print(
        f"seed {seed}: {report.summary(attempt.history)}; {len(attempt.found)} violations; "
        f"{time.monotonic() - begun:.0f} s",
        flush=True,
    )
    if attempt.found:
        print(f"history and logs are in {place}")
    elif not data:
        shutil.rmtree(place, ignore_errors=True)
    return attempt.found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--data", help="where the data go; kept")
    parser.add_argument("--only", action="append", help="only faults whose name holds this; may be repeated")
    options = parser.parse_args()
    # A polite end leaves nothing running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        found = run(options.minutes, options.seed, options.data and os.path.abspath(options.data), options.only)
    except asyncio.CancelledError:
        sys.exit(143)
    except Exception:  # Whatever it is, it is not a promise broken.
        traceback.print_exc()
        sys.exit(2)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
