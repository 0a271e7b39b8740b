"""Wall clocks that can be set for one process each, by a library that is loaded before the program."""

import glob
import os

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"

# A process's clock is named for its id, so that one that is started again has the right time.
WRAPPER = """#!/bin/sh
# What ends by itself has the machine's clock: under the library it may never end.
[ "$1" = serve ] || exec "{program}" "$@"
FAKETIME_TIMESTAMP_FILE="{clocks}/$$"
echo +0 > "$FAKETIME_TIMESTAMP_FILE"
# Only the wall clock jumps: neither what measures how long something takes, nor the times of files.
export FAKETIME_TIMESTAMP_FILE FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
export FAKETIME_DONT_RESET=1 LD_PRELOAD="{library}"
exec "{program}" "$@"
"""


class Clocks:
    """Wrappers of the services' programs, and the clocks of the processes that they become."""

    # Until a process has looked at its clock again.
    SECONDS_TO_NOTICE = 1.5

    def __init__(self, place, library):
        self.programs, self.clocks, self.library = place / "programs", place / "clocks", library

    @classmethod
    def where_possible(cls, place):
        """None where the library is not installed."""
        libraries = sorted(glob.glob(LIBRARIES))
        return cls(place, libraries[0]) if libraries else None

    def wrap(self, programs, names):
        """Makes a directory of the executables `names`; returns it."""
        for directory in (self.programs, self.clocks):
            directory.mkdir()
            # Whoever the services run as.
            directory.chmod(0o1777)
        for program in programs.iterdir():
            if not program.is_file() or not os.access(program, os.X_OK):
                continue
            own = self.programs / program.name
            if program.name in names:
                own.write_text(WRAPPER.format(clocks=self.clocks, library=self.library, program=program))
                own.chmod(0o755)
            else:
                own.symlink_to(program)
        return self.programs

    def set(self, pid, seconds):
        """Puts the wall clock of a process ahead of the machine's."""
        following = self.clocks / f"{pid}.next"
        following.write_text(f"+{seconds}\n")
        # A reader finds the one or the other, and never half of it.
        following.rename(self.clocks / str(pid))
