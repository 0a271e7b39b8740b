"""What is built upon has one version: every package that is resolved stands in Package.swift, exactly."""

import json
import re
from pathlib import Path

REQUIREMENT = re.compile(r"\.package\(\s*url:\s*\"([^\"]+)\",\s*(.*?)\)\s*,?\s*$", re.MULTILINE | re.DOTALL)


def faults(tree, resolved=None):
    """resolved: the text of Package.resolved, which is not committed; what stands beside the manifest if None."""
    manifest = tree.text(Path("Package.swift")) or ""
    exact = {}
    for url, version in REQUIREMENT.findall(manifest):
        if found := re.fullmatch(r"exact: \"([^\"]+)\"", version):
            exact[identity(url)] = found[1]
        else:
            yield f"Package.swift: {url} is not pinned to one version"
    if resolved is None:
        resolved = tree.text(Path("Package.resolved"))
    if resolved is None:
        yield "Package.resolved is missing: build first, or run swift package resolve"
        return
    pins = {pin["identity"]: pin["state"].get("version") for pin in json.loads(resolved)["pins"]}
    for name, version in sorted(pins.items()):
        if name not in exact:
            yield f"Package.swift: {name}, resolved at {version}, is not pinned"
        elif exact[name] != version:
            yield f"Package.swift: {name} is pinned to {exact[name]} and resolved at {version}"
    for name in sorted(set(exact) - set(pins)):
        yield f"Package.swift: {name} is pinned and needed by nothing"


def identity(url):
    """The name by which the package manager knows a repository."""
    return url.rsplit("/", 1)[-1].removesuffix(".git").lower()
