"""The layers of ARCHITECTURE.md: what may depend on what, who imports C, how large files are, where tasks begin."""

import json
import re
import subprocess
from pathlib import PurePath

# The rules.

# All that a target of Shared may depend on, over however many others.
MAY_DEPEND_ON = {
    "HTTPServer": set(),
    "Primitives": set(),
    "Logs": {"Primitives"},
    "Messaging": {"Primitives"},
    "MemoryTransport": {"Messaging", "Primitives"},
    "Contracts": {"Messaging", "Primitives"},
    "NATSTransport": {"CNats", "Messaging", "Primitives"},
    "Postgres": {"CLibpq", "Messaging", "Primitives"},
}
# Who must not depend directly on what, and why.
MUST_NOT_DEPEND_ON = {("GatewayService", "Postgres"): "the gateway has no database"}
# A C library has one Swift importer, its wrapper; these, which measure without wrappers, do not count.
WITHOUT_WRAPPERS = {"Limits"}
# Long-running work lives in run(); loose tasks are for the parts that stand between C and Swift.
MAY_BEGIN_TASKS = {"ServiceKit", "NATSTransport", "Postgres"}
MOST_LINES = 400

IMPORT = r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import {0}\b"
LOOSE_TASK = re.compile(r"\bTask(?:\.detached)?\s*(?:\([^)]*\)\s*)?\{")


def described(root, file=None):
    """The package as Swift describes it, or as `file` says that Swift did."""
    if file:
        text = file.read_text()
    else:
        command = ["swift", "package", "--package-path", str(root), "describe", "--type", "json"]
        text = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True).stdout
    # Warnings may stand before the document.
    return Package(json.loads(text[text.index("{") :]))


class Package:
    """Targets by name, and what they depend on."""

    def __init__(self, description):
        self.targets = {target["name"]: target for target in description["targets"]}

    def direct(self, name):
        return set(self.targets[name].get("target_dependencies", [])) & set(self.targets)

    def all_of(self, name):
        """Whatever it depends on, over however many others."""
        found, left = set(), list(self.direct(name))
        while left:
            following = left.pop()
            if following not in found:
                found.add(following)
                left += self.direct(following)
        return found

    def service(self, name):
        """`Orders` for a target in Services/Orders, else nothing."""
        parts = PurePath(self.targets[name]["path"]).parts
        return parts[1] if len(parts) > 1 and parts[0] == "Services" else None

    def sources(self):
        """The Swift files, as paths in the tree, with the name of their target."""
        for name, target in self.targets.items():
            for source in target.get("sources", []):
                if source.endswith(".swift"):
                    yield PurePath(target["path"]) / source, name


def faults(tree, package):
    code = {path: (name, text) for path, name in package.sources() if (text := tree.text(path)) is not None}
    yield from _services(package)
    yield from _dependencies(package)
    yield from _importers_of_c(package, code)
    yield from _files(code)


def _services(package):
    for name, target in package.targets.items():
        own = package.service(name)
        for other in sorted(package.all_of(name)):
            theirs = package.service(other)
            if own and theirs and own != theirs:
                yield f"{name} depends on {other}: services know each other by Contracts only"
            if not own and theirs and target["path"].startswith(("Shared/", "Tools/")):
                yield f"{name} depends on {other}: what is shared knows no service"


def _dependencies(package):
    for name, may in MAY_DEPEND_ON.items():
        if name not in package.targets:
            yield f"there is no target {name}: mend check_layers.py"
            continue
        for other in sorted(package.all_of(name) - may):
            yield f"{name} depends on {other}: it may depend on {', '.join(sorted(may)) or 'nothing'} only"
    for (name, other), reason in MUST_NOT_DEPEND_ON.items():
        if name in package.targets and other in package.direct(name):
            yield f"{name} depends on {other}: {reason}"


def _importers_of_c(package, code):
    for module, target in package.targets.items():
        if target["type"] != "system-target":
            continue
        pattern = re.compile(IMPORT.format(module), re.MULTILINE)
        importers = {name for name, text in code.values() if name not in WITHOUT_WRAPPERS and pattern.search(text)}
        if len(importers) > 1:
            yield f"{module} is imported by {', '.join(sorted(importers))}: one wrapper only"


def _files(code):
    for path, (name, text) in sorted(code.items()):
        lines = text.count("\n")
        if lines > MOST_LINES:
            yield f"{path} has {lines} lines: split it ({MOST_LINES} at most)"
        if path.parts[0] not in ("Services", "Shared") or name in MAY_BEGIN_TASKS:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if LOOSE_TASK.search(line.split("//")[0]):
                yield f"{path}:{number}: an unstructured task; only {', '.join(sorted(MAY_BEGIN_TASKS))} begin them"
