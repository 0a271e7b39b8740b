"""The bill of materials of a project's directory, as CycloneDX 1.6: sbom.py DIRECTORY prints it."""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import quote

# What is delivered; the other products are tools and tests.
PRODUCTS = ("auth", "orders", "chat", "gateway", "provision")
# By what the container's own package list calls them.
DEBIAN = re.compile(r"apt-get install [^\n]*\\\n\s+([a-z0-9.+\- ]+?) *\\\n")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/orderline")


def bill(root):
    manifest = json.loads(output("swift", "package", "--package-path", root, "dump-package"))
    graph = json.loads(output("swift", "package", "--package-path", root, "show-dependencies", "--format", "json"))
    pins = json.loads((root / "Package.resolved").read_text(encoding="utf-8"))["pins"]
    edges = edges_of(graph)
    delivered = reached(direct_packages(manifest, PRODUCTS), edges)
    swift = {pin["identity"]: swift_component(pin, pin["identity"] in delivered) for pin in pins}
    installed = debian_names((root / "Dockerfile").read_text(encoding="utf-8"))
    debian = [debian_component(name, version_of(name)) for name in installed]
    images = [image_component(each) for each in image_names(root)]
    python = [python_component(*each, False) for each in python_requirements(root / "Tests" / "Harness")]
    # What is shown in a browser is files of these.
    python += [python_component(*each, True) for each in python_requirements(root / "Tools" / "Docs")]
    components = sorted([*swift.values(), *debian, *images, *python], key=lambda each: each["bom-ref"])
    own = {"type": "application", "bom-ref": "orderline", "name": "orderline", "version": revision(root)}
    own["licenses"] = [{"license": {"id": "Apache-2.0"}}]
    direct = sorted(each["bom-ref"] for each in components if each["scope"] == "required")
    dependencies = [{"ref": "orderline", "dependsOn": direct}]
    for name, component in sorted(swift.items()):
        needs = sorted(swift[each]["bom-ref"] for each in edges.get(name, ()) if each in swift)
        dependencies.append({"ref": component["bom-ref"], "dependsOn": needs})
    content = json.dumps([own, components, dependencies], sort_keys=True)
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # The same for the same content.
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
            "component": own,
        },
        "components": components,
        "dependencies": dependencies,
    }


def output(*command):
    return subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True).stdout


def revision(root):
    """The commit, or `unknown` for a directory that is no repository."""
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else "unknown"


# Swift packages


def edges_of(graph):
    """From each package's identity to those it names, in the whole tree of dependencies."""
    edges, waiting = {}, list(graph["dependencies"])
    while waiting:
        package = waiting.pop()
        edges.setdefault(package["identity"], set()).update(each["identity"] for each in package["dependencies"])
        waiting += package["dependencies"]
    return edges


def direct_packages(manifest, products):
    """The packages that the products' targets name, and the targets those stand on."""
    targets = {each["name"]: each for each in manifest["targets"]}
    waiting = [name for each in manifest["products"] if each["name"] in products for name in each["targets"]]
    seen, packages = set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in targets:
            continue
        seen.add(name)
        for dependency in targets[name]["dependencies"]:
            if "product" in dependency:
                packages.add(dependency["product"][1].lower())
            waiting += [part[0] for kind, part in dependency.items() if kind in ("byName", "target")]
    return packages


def reached(names, edges):
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges.get(name, ())
    return found


def swift_component(pin, is_delivered):
    place = pin["location"].removesuffix(".git").removeprefix("https://")
    version = pin["state"]["version"]
    return component(
        "library",
        pin["identity"],
        version,
        f"pkg:swift/{place}@{quote(version)}",
        is_delivered,
        externalReferences=[{"type": "vcs", "url": pin["location"], "comment": f"commit {pin['state']['revision']}"}],
    )


# What containers are made of


def debian_names(dockerfile):
    """Those that the last stage installs."""
    found = DEBIAN.search(dockerfile[dockerfile.rindex("\nFROM ") :])
    return sorted(found[1].split()) if found else []


def version_of(name):
    """As installed on this machine; None where it is not."""
    command = ["dpkg-query", "-W", "-f", "${Version}", name]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return asked.stdout.strip() or None if asked.returncode == 0 else None


def debian_component(name, version):
    behind = f"@{quote(version, safe='')}" if version else ""
    return component("library", name, version, f"pkg:deb/debian/{name}{behind}", True)


def image_names(root):
    compose = (root / "docker-compose.yml").read_text(encoding="utf-8")
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    run = [(name, True) for name in re.findall(r"image: \$\{[A-Z_]+:-([^}]+)\}", compose)]
    # The first stage only builds.
    built = [(name, kind == "DEBIAN") for kind, name in re.findall(r"^ARG ([A-Z]+)_IMAGE=(\S+)$", dockerfile, re.M)]
    return sorted(run + built)


def image_component(image):
    (name, _, tag), is_delivered = image[0].partition(":"), image[1]
    return component("container", name, tag, f"pkg:docker/{name}@{quote(tag, safe='')}", is_delivered)


# What Python packages carry: for tests, and for pages


def python_requirements(folder):
    for file in sorted(folder.glob("requirements*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", line):
                yield found[1], found[2]


def python_component(name, version, is_delivered):
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return component("library", name, version, f"pkg:pypi/{plain}@{version}", is_delivered)


def component(kind, name, version, purl, is_delivered, **more):
    made = {"type": kind, "bom-ref": purl, "name": name, "purl": purl}
    if version:
        made["version"] = version
    return {**made, "scope": "required" if is_delivered else "excluded", **more}


if __name__ == "__main__":
    print(json.dumps(bill(Path(sys.argv[1]).resolve()), indent=2, sort_keys=True))
