"""What no file may be or say: links that leave the tree, paths of one machine, settings that nothing reads."""

import os
import re
from pathlib import Path

# Where a machine keeps what is somebody's own.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:home|Users|root|work|workspaces?|mnt)/[\w.-]+")
# Texts of tests, in which such a path is an example.
EXAMPLES = {"Tests/LocalStackTests/PostgresPlaceTests.swift", "Tests/Architecture/test_checks.py"}
READERS = ("docker-compose.yml", "Deploy", "bin", "Dockerfile")


def faults(tree):
    yield from links(tree)
    yield from machine_paths(tree)
    yield from settings(tree)


def links(tree):
    for path in tree.files:
        place = tree.root / path
        if not place.is_symlink():
            continue
        target = os.readlink(place)
        there = (place.parent / target).resolve()
        if os.path.isabs(target) or not there.is_relative_to(tree.root):
            yield f"{path}: the symbolic link leads out of the tree, to {target}"
        elif not there.exists():
            yield f"{path}: the symbolic link leads nowhere, to {target}"


def machine_paths(tree):
    for path, text in tree.below():
        if str(path) in EXAMPLES:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                yield f"{path}:{number}: {found[0]} is a path of one machine"


def settings(tree):
    """Every setting of .env.example is read: by Swift under its dotted name, or by what starts the system."""
    example = tree.text(Path(".env.example")) or ""
    read = set(_environment_names(tree))
    # What Swift puts into a name may be any word.
    keys = [re.compile("[a-z]+".join(map(re.escape, re.split(r"\\\(.*?\)", key)))) for key in _dotted_keys(tree)]
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE):
        dotted = name.lower().replace("_", ".")
        if name not in read and not any(key.fullmatch(dotted) for key in keys):
            yield f".env.example: nothing reads {name}"


def _environment_names(tree):
    for path, text in tree.below(*READERS):
        # What is only set is not read; in the compose file `${NAME…}` is.
        pattern = r"\$\{?([A-Z][A-Z0-9_]+)" if path.suffix in (".yml", ".yaml") else r"\b([A-Z][A-Z0-9_]+)\b(?!=)"
        yield from re.findall(pattern, re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE))


def _dotted_keys(tree):
    for _, text in tree.below("Clients", "Services", "Shared", "Tools", suffix=".swift"):
        code = re.sub(r"//.*$", "", text, flags=re.MULTILINE)
        # A fault names a setting and does not read it.
        code = re.sub(r"\.fault\(\s*\"[^\"]*\"", "", code)
        yield from re.findall(r"\"([a-z]+(?:\.(?:[a-z0-9]+|\\\(\w+(?:\.\w+)*\)))*|\\\(\w+\)(?:\.[a-z]+)+)\"", code)
