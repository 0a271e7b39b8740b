"""The tree that is looked at: what is committed, or would be."""

import functools
import subprocess
from pathlib import Path


class Tree:
    """A directory and the files of it that count, as paths relative to it."""

    def __init__(self, root, files=None):
        self.root = Path(root).resolve()
        self.files = sorted(Path(each) for each in (files if files is not None else self._known_to_git()))

    def _known_to_git(self):
        """Committed or new, and not ignored."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
        # Those that were removed and not committed yet are gone.
        return {each for each in listed if each and ((self.root / each).exists() or (self.root / each).is_symlink())}

    def below(self, *folders, suffix=""):
        """The files in these folders, each with its path and text; in all of them when none is named."""
        for path in self.files:
            is_wanted = not folders or path.parts[0] in folders or str(path) in folders
            if is_wanted and path.suffix == (suffix or path.suffix) and (text := self.text(path)) is not None:
                yield path, text

    @functools.cache  # noqa: B019 there is one tree in a run
    def text(self, path):
        """None for what is no text."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            return None
