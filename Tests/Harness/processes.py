"""Processes of this machine, by their ids."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

# Before a command: it ends with this process, however that ends.
TIED = ["setpriv", "--pdeathsig", "TERM"]


def stat_fields(pid):
    """What /proc/PID/stat says behind the program's name; None for one that is not there."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None


def is_alive(pid):
    """Whether it is there and has not ended without having been waited for."""
    fields = stat_fields(pid)
    return fields is not None and fields[0] != "Z"


def parent_of(pid):
    """None for a process that is not there."""
    fields = stat_fields(pid)
    return int(fields[1]) if fields else None


def processor_ticks(pid):
    """How long it has computed, in the kernel's ticks."""
    fields = stat_fields(pid)
    return int(fields[11]) + int(fields[12])


def environment_of(pid):
    """What it was started with."""
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(part.split("=", 1) for part in raw.split("\0") if "=" in part)


def resident_bytes(pid):
    """Memory of a process, pages that it shares included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def ended(process):
    """A process of one's own, which does not outlive this."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def standing_still(pids):
    """The processes stand still for the time of the block."""
    pids = list(pids)
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            # Those that were killed meanwhile are gone.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
