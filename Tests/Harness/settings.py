"""Where things are, and how patient tests are.

ORDERLINE_PROGRAMS        a directory of executables; without it .build/$ORDERLINE_BUILD (debug)
ORDERLINE_SLACK           stretches every bound of time, for a machine that is busy with other work
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("ORDERLINE_PROGRAMS", ROOT / ".build" / os.environ.get("ORDERLINE_BUILD", "debug")))
SLACK = float(os.environ.get("ORDERLINE_SLACK", "1"))


def seconds(bound):
    """A bound of time as it holds on this machine. Whoever waits by this package gives bounds as they are promised:
    `until`, the sockets and the systems stretch them themselves."""
    return bound * SLACK
