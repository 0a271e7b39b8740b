"""The tree that is looked at: what is committed, or would be."""

import functools
import subprocess
from pathlib import Path

MADE = (".build", ".local", ".git")


class Tree:
    """A directory and the files of it that count, as paths relative to it."""

    def __init__(self, root, files=None):
        self.root = Path(root).resolve()
        self.files = sorted(Path(each) for each in (files if files is not None else self._known_to_git()))

    def _known_to_git(self):
        """Committed or new, and not ignored; without a repository, what is not made by building and running."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if asked.returncode != 0:
            everything = (each.relative_to(self.root) for each in self.root.rglob("*") if not each.is_dir())
            return {each for each in everything if each.parts[0] not in MADE}
        listed = asked.stdout.split("\0")
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
