"""Small file systems that can be full, where this user may mount one."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOM = 3 << 30


class SmallDisk:
    """A file system in memory with one directory of the system on it, reached through a link."""

    def __init__(self, place, link, mode):
        self.place, self.link = place, link
        self.directory = Path(place) / link.name
        self.directory.mkdir(mode=mode)
        link.symlink_to(self.directory)

    @classmethod
    def mount(cls, link, mode):
        """A new one whose directory stands at `link`; None where this user may not mount."""
        if os.geteuid() != 0:
            return None
        place = tempfile.mkdtemp(prefix="orderline-faults-", dir="/tmp")
        if (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=755", "tmpfs", place],
                check=False,
                capture_output=True,
            ).returncode
            != 0
        ):
            os.rmdir(place)
            return None
        os.chmod(place, 0o755)
        return cls(place, link, mode)

    def fill(self):
        """Shrinks it to what is in use."""
        for attempt in range(5):
            usage = os.statvfs(self.place)
            # Whatever is written between these two makes the second fail.
            if self._resize((usage.f_blocks - usage.f_bfree) * usage.f_frsize, check=attempt == 4):
                return

    def fill_to_the_last_page(self):
        """The same, and nothing can be added to the files that are there either."""
        for file in self.directory.iterdir():
            with file.open("ab") as end:
                end.write(b"\n" * (-end.tell() % os.sysconf("SC_PAGE_SIZE")))
        self.fill()

    def free(self):
        """Gives it its room back."""
        self._resize(ROOM, check=False)

    def _resize(self, size, check):
        return (
            subprocess.run(
                ["mount", "-o", f"remount,size={size}", self.place], check=check, capture_output=True
            ).returncode
            == 0
        )

    def unmount(self, is_kept=False):
        """Takes it away. is_kept: what is on it stays, in the link's place."""
        if is_kept:
            self.link.unlink()
            shutil.copytree(self.directory, self.link)
        subprocess.run(["umount", self.place], check=False)
        # Somebody may still look into it.
        with contextlib.suppress(OSError):
            os.rmdir(self.place)
