"""Processor time and wake-ups of processes, as the kernel counts them."""

import contextlib
from pathlib import Path

from Harness.processes import parent_of


def _tasks(pid):
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _children(pid):
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and parent_of(each.name) == pid]


def seconds_of(pid):
    """Processor time of each thread of a process in seconds, by the scheduler's nanoseconds (proc(5), schedstat)."""
    times = {}
    for task in _tasks(pid):
        with contextlib.suppress(OSError):
            times[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return times


def wakeups_of(pid):
    """How often its threads have begun to wait."""
    total = 0
    for task in _tasks(pid):
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


class Meter:
    """Processor time of a system's servers since it was made, by their kinds."""

    def __init__(self, pids):
        """pids: by name, as of a Stack; PostgreSQL's with its children."""
        self.kinds = {}
        for name, pid in pids.items():
            kind = name.rsplit("-", 1)[0]
            self.kinds.setdefault(kind, []).append(pid)
        self.kinds["postgres"] += _children(pids["postgres"])
        self.before = self._now()

    def _now(self):
        return {kind: {pid: seconds_of(pid) for pid in pids} for kind, pids in self.kinds.items()}

    def read(self):
        """Seconds of each kind since then; threads that have ended meanwhile do not count."""
        return {
            kind: sum(
                seconds - self.before[kind][pid].get(thread, 0)
                for pid, threads in processes.items()
                for thread, seconds in threads.items()
            )
            for kind, processes in self._now().items()
        }
