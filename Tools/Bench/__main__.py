"""Runs the measures and prints the table. Started by bin/bench."""

import argparse
import fcntl
import os
import platform
import resource
import signal
import sys
import time
from pathlib import Path

import curve
from bench import PLACE, Bench, warn
from measures import MEASURES
from report import table, write_json


def arguments():
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each, less data; about a minute")
    parser.add_argument("--only", metavar="NAME[,NAME]", help="only these measures")
    parser.add_argument("--json", metavar="FILE", help="write the results there too")
    parser.add_argument(
        "--curve", metavar="FILE", type=Path, help="instead of a table: messages at rates up to the peak, drawn as SVG"
    )
    parser.add_argument("--list", action="store_true", help="print the measures' names and end")
    return parser.parse_args()


def chosen(only):
    names = [name.strip() for name in only.split(",")] if only else list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.exit(f"Unknown measures: {', '.join(unknown)}. There are: {', '.join(MEASURES)}")
    # In the order of the table, whichever way they were asked for.
    return [name for name in MEASURES if name in names]


def show(bench, results):
    """The table; what runs is stopped behind it."""
    print(
        f"\n{table(results)}\n\nTook {time.monotonic() - bench.begun:.0f} s"
        f" on {os.cpu_count()} processors{' (quick)' if bench.quick else ''}.",
        flush=True,
    )


def main():
    asked = arguments()
    names = chosen(asked.only)
    if asked.list:
        print("\n".join(names))
        return 0
    # Two runs would stop each other's systems, and measure each other.
    PLACE.mkdir(parents=True, exist_ok=True)
    lock = open(PLACE / "lock", "w", encoding="utf-8")  # noqa: SIM115 it is held as long as this process lives
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("Another bin/bench is running.")
    # Ten thousand sockets, on both sides.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Interrupted in any way, what was started is stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    bench = Bench(asked.quick)
    results, failures = [], []
    try:
        bench.start()
        if asked.curve:
            curve.write(bench, asked.curve)
            return 0
        for name in names:
            try:
                found = MEASURES[name](bench)
            except Exception as error:  # One measure that fails must not cost the others.
                failures.append(name)
                warn(f"{name} failed: {type(error).__name__}: {error}")
                continue
            results += found if isinstance(found, list) else [found]
        show(bench, results)
    except KeyboardInterrupt:
        warn("interrupted")
        return 130
    finally:
        # A second Ctrl-C must not leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        bench.finish()
    if asked.json:
        write_json(
            asked.json,
            results,
            {"processors": os.cpu_count(), "machine": platform.platform(), "quick": asked.quick, "failed": failures},
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
