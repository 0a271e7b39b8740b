"""The layers of ARCHITECTURE.md: what may depend on what, who imports C, how large files are, where tasks begin."""

import json
import re
import subprocess
from pathlib import PurePath

# The rules.

SERVICE = {"Contracts", "Messaging", "Persistence", "Postgres", "Primitives", "ServiceKit"}
# Which target may name which in Package.swift; what it reaches through them follows. Tests may name anything.
MAY_NAME = {
    "Primitives": set(),
    "Threads": set(),
    "HTTPServer": {"Primitives", "Threads"},
    "SocketServer": {"HTTPServer", "Primitives", "Threads"},
    "Logs": {"Primitives", "Threads"},
    "Messaging": {"Primitives"},
    "MemoryTransport": {"Messaging", "Primitives"},
    "Contracts": {"Messaging", "Primitives"},
    "NATSTransport": {"CNats", "Messaging", "Primitives", "Threads"},
    "Postgres": {"CLibpq", "Primitives", "Threads"},
    "Persistence": {"Messaging", "Postgres", "Primitives", "Threads"},
    "ServiceKit": {
        "HTTPServer",
        "Logs",
        "Messaging",
        "NATSTransport",
        "Persistence",
        "Postgres",
        "Primitives",
        "Threads",
    },
    "AuthService": SERVICE | {"CArgon2", "Threads"},
    "OrdersService": SERVICE,
    "ChatService": SERVICE,
    # The gateway has no database.
    "GatewayService": {
        "CZlib",
        "Contracts",
        "HTTPServer",
        "Messaging",
        "NATSTransport",
        "Primitives",
        "ServiceKit",
        "SocketServer",
        "Threads",
    },
    "AuthMain": {"AuthService", "Contracts", "Logs", "ServiceKit"},
    "OrdersMain": {"OrdersService", "ServiceKit"},
    "ChatMain": {"ChatService", "ServiceKit"},
    "GatewayMain": {"GatewayService", "ServiceKit"},
    "Demo": {"OrderlineClient"},
    "Provision": {"Contracts", "Messaging", "NATSTransport", "ServiceKit"},
    "LocalStack": {"Logs", "Primitives"},
    "LocalStackCommand": {"LocalStack", "Logs"},
    "OrderlineClient": set(),
    "Load": set(),
    "Limits": {"CArgon2"},
}
# What the layers of a service may import. Swift then lets them use no member of anything else, so a handler has no SQL
# and a rule does no I/O.
LAYER_IMPORTS = {
    "Domain": {"Contracts", "Crypto", "Messaging", "Primitives"},
    "Handlers": {"Contracts", "Logging", "Messaging", "Primitives", "ServiceKit"},
}
# A C library has one Swift importer, its wrapper; these, which measure without wrappers, do not count.
WITHOUT_WRAPPERS = {"Limits"}
# Long-running work lives in run(); loose tasks are for the parts that stand between C and Swift.
MAY_BEGIN_TASKS = {"HTTPServer", "ServiceKit", "NATSTransport", "Postgres", "Threads", "OrderlineClient"}
MOST_LINES = 400

# Stands beside every target while the thread sanitizer is used.
SANITIZER = "SanitizerSynchronization"
ANY_IMPORT = re.compile(r"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:\w+\s+)?(\w+)")
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
    yield from _imports_of_layers(code)
    yield from _files(code)


def _services(package):
    for name, target in package.targets.items():
        own = package.service(name)
        for other in sorted(package.all_of(name)):
            theirs = package.service(other)
            if own and theirs and own != theirs:
                yield f"{name} depends on {other}: services know each other by Contracts only"
            if not own and theirs and target["path"].startswith(("Clients/", "Shared/", "Tools/")):
                yield f"{name} depends on {other}: what is shared knows no service"


def _dependencies(package):
    for name in sorted(set(MAY_NAME) - set(package.targets)):
        yield f"there is no target {name}: mend check_layers.py"
    for name, target in sorted(package.targets.items()):
        if (
            not target["path"].startswith(("Clients/", "Shared/", "Services/", "Tools/"))
            or target["type"] == "system-target"
        ):
            continue
        if name not in MAY_NAME:
            yield f"{name} is not in check_layers.py: say there what it may depend on"
            continue
        for other in sorted(package.direct(name) - MAY_NAME[name] - {SANITIZER}):
            yield f"{name} depends on {other}: it may depend on {', '.join(sorted(MAY_NAME[name])) or 'nothing'} only"


def _importers_of_c(package, code):
    for module, target in package.targets.items():
        if target["type"] != "system-target":
            continue
        pattern = re.compile(IMPORT.format(module), re.MULTILINE)
        importers = {name for name, text in code.values() if name not in WITHOUT_WRAPPERS and pattern.search(text)}
        if len(importers) > 1:
            yield f"{module} is imported by {', '.join(sorted(importers))}: one wrapper only"


def _imports_of_layers(code):
    for path, (_, text) in sorted(code.items()):
        parts = path.parts
        layer = parts[3] if len(parts) > 4 and parts[0] == "Services" and parts[2] == "Service" else None
        for number, line in enumerate(text.split("\n") if layer in LAYER_IMPORTS else [], 1):
            found = ANY_IMPORT.match(line)
            if found and found[1] not in LAYER_IMPORTS[layer]:
                may = ", ".join(sorted(LAYER_IMPORTS[layer]))
                yield f"{path}:{number}: {layer} may not import {found[1]}, only {may}"


def _files(code):
    for path, (name, text) in sorted(code.items()):
        lines = text.count("\n")
        if lines > MOST_LINES:
            yield f"{path} has {lines} lines: split it ({MOST_LINES} at most)"
        if path.parts[0] not in ("Clients", "Services", "Shared") or name in MAY_BEGIN_TASKS:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if LOOSE_TASK.search(line.split("//")[0]):
                yield f"{path}:{number}: an unstructured task; only {', '.join(sorted(MAY_BEGIN_TASKS))} begin them"
