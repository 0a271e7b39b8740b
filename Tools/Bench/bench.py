"""What measures share: the system, its accounts, and the way in which measure and limit take turns."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from database import BenchDatabase
from Harness.settings import ROOT
from people import People
from report import number
from stack import BenchStack

PLACE = ROOT / ".local" / "bench"


class Bench:
    """One run."""

    def __init__(self, quick):
        self.quick = quick
        self.rounds = 1 if quick else 3
        # Of one measurement, and of the load before it that is not measured.
        self.seconds, self.warm_up = (1, 0) if quick else (3, 1)
        # A server without the product has nothing to warm up again in a second round.
        self.limit_warm_up = self.warm_up
        self.stack = BenchStack(PLACE / "system")
        self.stacks = [self.stack]
        self._people = self._database = None
        # What one measure tells another: the peak rates of which the tails take half.
        self.peaks = {}
        self.begun = time.monotonic()

    def start(self):
        self.stack.remove()
        self.say(f"system started in {self.stack.begin():.1f} s")

    def finish(self):
        """Stops everything that was started; only the kept data stay."""
        with ThreadPoolExecutor() as pool:
            ends = [pool.submit(each.remove if each is self.stack else each.end) for each in self.stacks]
        for each in ends:
            each.result()

    @property
    def gateways(self):
        return self.stack.gateways

    @property
    def people(self):
        self._people = self._people or People(self.stack)
        return self._people

    @property
    def database(self):
        if not self._database:
            self._database = BenchDatabase(self.stack)
            self.say("database for pgbench made")
        return self._database

    def say(self, text):
        print(f"  {time.monotonic() - self.begun:6.1f} s  {text}", flush=True)

    def alternate(self, name, measure, limit, rounds=None, turning=False):
        """Measure, limit, measure, limit …: (measured, limits), a number of each for every round.

        turning: every other round begins with the limit, so that neither gains by what changes with time.
        """
        rounds = rounds or self.rounds
        measured, limits = [], []
        self.limit_warm_up = self.warm_up
        for index in range(1, rounds + 1):
            if turning and index % 2 == 0:
                limits.append(limit())
                measured.append(measure())
            else:
                measured.append(measure())
                limits.append(limit())
            self.limit_warm_up = 0
            self.say(f"{name}: round {index} of {rounds}: {number(measured[-1])} against {number(limits[-1])}")
        return measured, limits


def warn(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)
