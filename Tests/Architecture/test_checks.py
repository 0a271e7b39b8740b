"""Each check is tried on a tree that breaks one rule: it must object, and to nothing else."""

import pytest

import check_documents
import check_layers
import check_tree
from tree import Tree


def tree_of(place, files, links=()):
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    for name, target in dict(links).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).symlink_to(target)
    return Tree(place, [*files, *dict(links)])


# Documents

README = "# Orderline\n\n## How it works: parts & more\n\n## Again\n\n## Again\n"


@pytest.mark.parametrize("text", [
    "[up](#how-it-works-parts--more) [twice](#again-1)",
    "[the code](../Shared/Code.swift) [a folder](../Shared) [elsewhere](https://example.org/a)",
    "[there](../README.md#again) [mail](mailto:a@example.org)",
    "`[not a link](nowhere.md)`\n\n```\n[neither](nowhere.md)\n```",
    "`Shared/Code.swift`, `Shared/<X>.swift`, `Shared/{Code,More}.swift`, `bin/test --filter NAME`, `/Shared/x`",
])  # fmt: skip
def test_a_document_that_tells_the_truth_passes(tmp_path, text):
    files = {"docs/page.md": README + text, "README.md": README, "Shared/Code.swift": "", "Shared/More.swift": ""}
    assert list(check_documents.faults(tree_of(tmp_path, {**files, "bin/test": ""}))) == []


@pytest.mark.parametrize("text, fault", [
    ("[gone](gone.md)", "leads nowhere"),
    ("[gone](../Shared/Gone.swift#L3)", "leads nowhere"),
    ("[![a picture](picture.png)](README.md)", "leads nowhere"),
    ("[gone](#nowhere)", "no such heading"),
    ("[gone](../README.md#nowhere)", "no such heading"),
    ("[three times](#again-2)", "no such heading"),
    ("[out](../../other/README.md)", "leads out of the tree"),
    ("see `Shared/Gone.swift`", "there is no Shared/Gone.swift"),
    ("run `bin/gone --fast`", "there is no bin/gone"),
    ("`Services/<X>/Gone`", "there is no Services/<X>/Gone"),
    ("`Shared/{Code,Gone}.swift`", "there is no Shared/{Code,Gone}.swift"),
    ("| folder | belongs |\n|---|---|\n| `Shared/Code.swift`, `Gone` | nothing |\n", "names Shared/Gone"),
])  # fmt: skip
def test_a_document_that_leads_astray_is_found(tmp_path, text, fault):
    files = {"docs/page.md": README + text, "README.md": README, "Shared/Code.swift": "", "Services/Auth/Main": ""}
    found = list(check_documents.faults(tree_of(tmp_path, files)))
    assert found and all("docs/page.md" in each for each in found) and fault in found[0], found


# The tree


def test_a_link_within_the_tree_passes(tmp_path):
    tree = tree_of(tmp_path, {"Shared/Code.swift": ""}, {"Tools/Code.swift": "../Shared/Code.swift", "all": "Shared"})
    assert list(check_tree.faults(tree)) == []


@pytest.mark.parametrize("target, fault", [
    ("../../elsewhere", "out of the tree"),
    ("/usr/share", "out of the tree"),
    ("../..", "out of the tree"),
    ("gone", "leads nowhere"),
])  # fmt: skip
def test_a_link_that_leaves_the_tree_is_found(tmp_path, target, fault):
    found = list(check_tree.links(tree_of(tmp_path, {}, {"Deploy/link": target})))
    assert len(found) == 1 and found[0].startswith("Deploy/link: ") and fault in found[0], found


# Put together in the test: no file of ours holds such a path, not even this one.
@pytest.mark.parametrize("text", ["cd |home/ann/orderline", '"|Users/ann/x"', "in |root/.cache", "=|work/main\n"])
def test_a_path_of_one_machine_is_found(tmp_path, text):
    page = "fine\n" + text.replace("|", "/")
    found = list(check_tree.machine_paths(tree_of(tmp_path, {"docs/page.md": page})))
    assert len(found) == 1 and found[0].startswith("docs/page.md:2: "), found


@pytest.mark.parametrize(
    "text", ["$HOME/.local", "/usr/bin/env", "https://a.example/work/x", "Network/root/a", "./work/x"]
)
def test_other_paths_pass(tmp_path, text):
    assert list(check_tree.machine_paths(tree_of(tmp_path, {"docs/page.md": text}))) == []


READING = {
    "Services/Gateway/Configuration.swift": 'settings.list("cors.origins", default: [])',
    "Shared/ServiceKit/Backend.swift": r'settings.string("\(service).database.url")',
    "docker-compose.yml": "POSTGRES_DB: ${POSTGRES_DB:-orderline}",
    "bin/up": 'echo "$ORDERLINE_BUILD"',
}


@pytest.mark.parametrize("line", ["#CORS_ORIGINS=a", "CORS_ORIGINS=a", "#AUTH_DATABASE_URL=", "POSTGRES_DB=x",
                                  "#ORDERLINE_BUILD=debug", "# The words: RATE_LIMIT=1"])  # fmt: skip
def test_a_setting_that_is_read_passes(tmp_path, line):
    assert list(check_tree.settings(tree_of(tmp_path, {**READING, ".env.example": line}))) == []


@pytest.mark.parametrize("more", [
    {},
    {"Services/Gateway/More.swift": '// settings.string("rate.limit")'},
    {"Services/Gateway/More.swift": 'settings.fault("rate.limit", "is missing")'},
    {"docker-compose.yml": "environment:\n  RATE_LIMIT: 5\n#  A: ${RATE_LIMIT}"},
    {"docs/page.md": "RATE_LIMIT", "bin/up": "# RATE_LIMIT"},
        {"bin/test": "export RATE_LIMIT=5 ADMIN=x"},
])  # fmt: skip
def test_a_setting_that_nothing_reads_is_found(tmp_path, more):
    tree = tree_of(tmp_path, {**READING, **more, ".env.example": "# Limits.\n#RATE_LIMIT=5\n"})
    assert list(check_tree.settings(tree)) == [".env.example: nothing reads RATE_LIMIT"]


# Layers

# All that the rules name, each with all that it may name.
TARGETS = {name: sorted(may) for name, may in check_layers.MAY_NAME.items()} | {
    "CNats": [],
    "CLibpq": [],
    "CArgon2": [],
}
PLACES = {f"{name}{part}": f"Services/{name}/{folder}" for name in ("Auth", "Orders", "Chat", "Gateway")
          for part, folder in (("Service", "Service"), ("Main", "Main"))} | {
    name: f"Tools/{name}" for name in ("Provision", "LocalStack", "LocalStackCommand", "Load", "Limits")}  # fmt: skip


def place_of(key):
    """`Target` or `Target/Folder/File.swift` as the target and the file in it."""
    name, _, file = key.partition("/")
    return name, file or "File.swift"


def layers(place, change=None, sources=None, **places):
    """What is found in a package of these targets with `change`, whose files are `sources` by target."""
    targets = {name: {"name": name, "type": "system-target" if name in ("CNats", "CLibpq", "CArgon2") else "library",
                      "path": {**PLACES, **places}.get(name, f"Shared/{name}"), "target_dependencies": needs,
                      "sources": [file for owner, file in map(place_of, sources or {}) if owner == name]}
               for name, needs in {**TARGETS, **(change or {})}.items()}  # fmt: skip
    files = {}
    for key, text in (sources or {}).items():
        name, file = place_of(key)
        files[f"{targets[name]['path']}/{file}"] = text
    package = check_layers.Package({"targets": list(targets.values())})
    return list(check_layers.faults(tree_of(place, files), package))


def test_a_package_in_layers_passes(tmp_path):
    loose = "Task { await run() }"
    sources = {
        "Postgres": f"internal import CLibpq\n{loose}",
        "NATSTransport": "import CNats",
        "OrdersService/Domain/Rule.swift": "import Contracts\npackage import Primitives\n",
        "OrdersService/Handlers/Do.swift": "import Messaging\n",
        "OrdersService/Store/Store.swift": "import Postgres\n",
    }
    assert layers(tmp_path, sources=sources) == []


@pytest.mark.parametrize("change, sources, fault", [
    ({"GatewayService": ["AuthService"]}, {}, "services know each other by Contracts only"),
    ({"Messaging": ["AuthService"]}, {}, "what is shared knows no service"),
    ({"Messaging": ["Contracts"]}, {}, "it may depend on Primitives only"),
    ({"Threads": ["Logs"]}, {}, "it may depend on nothing only"),
    ({"GatewayService": ["Postgres"]}, {}, "GatewayService depends on Postgres"),
    ({"Postgres": ["Messaging"]}, {}, "Postgres depends on Messaging"),
    ({"AuthService": ["MemoryTransport"]}, {}, "AuthService depends on MemoryTransport"),
    ({"Another": []}, {}, "Another is not in check_layers.py"),
    ({}, {"OrdersService/Domain/Rule.swift": "import Postgres\n"}, "Domain may not import Postgres"),
    ({}, {"ChatService/Domain/Rule.swift": "@preconcurrency import struct Foundation.Data\n"}, "import Foundation"),
    ({}, {"ChatService/Handlers/Do.swift": "\npackage import Postgres\n"}, "Do.swift:2: Handlers may not import"),
    ({}, {"AuthService/Handlers/Do.swift": "internal import Persistence\n"}, "Handlers may not import Persistence"),
    ({}, {"Postgres": "import CNats", "NATSTransport": "@preconcurrency import CNats"}, "one wrapper only"),
    ({}, {"AuthService": "x\n" * 401}, "split it"),
    ({}, {"AuthService": "func f() {\n    Task.detached(priority: .low) { }\n}"}, "File.swift:2: an unstructured task"),
])  # fmt: skip
def test_a_package_that_breaks_a_layer_is_found(tmp_path, change, sources, fault):
    assert any(fault in each for each in layers(tmp_path, change, sources))


def test_a_target_that_is_gone_is_found(tmp_path):
    package = check_layers.Package({"targets": []})
    assert "there is no target Logs: mend check_layers.py" in list(check_layers.faults(tree_of(tmp_path, {}), package))
