"""docs/adding-an-operation.md followed to the letter: its example, which is not in the code, is added to a copy.

Each piece of code on the page goes where the page says. That it fits is looked at each time; with ORDERLINE_LONG=1 the
copy is built, its documents are written, and the operation is called.
"""

import json
import os
import re
import shutil
import subprocess
import textwrap

import pytest

from Harness import contract
from Harness.person import Person, ok
from Harness.ports import free_ports
from Harness.settings import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.timeout(2400)]

LONG = os.environ.get("ORDERLINE_LONG") == "1"
PAGE = (ROOT / "docs" / "adding-an-operation.md").read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(each) for each in re.findall(r"^ *```(?:swift|sql|json)\n(.*?)^ *```", PAGE, re.M | re.S)]
ORDERS, GATEWAY = "Services/Orders/Service", "Services/Gateway/Service"


def block(part):
    """The one piece of code on the page that holds `part`."""
    found = [each for each in BLOCKS if part in each]
    assert len(found) == 1, f"{len(found)} pieces of code hold {part}"
    return found[0]


class Copy:
    """A copy of the tree, in which the page is followed."""

    def __init__(self, place):
        self.place = place
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name, follow_symlinks=False)

    def write(self, name, text):
        assert not (self.place / name).exists(), f"{name} is there already"
        (self.place / name).write_text(text, encoding="utf-8")

    def put(self, name, text, *, before=None, behind=None):
        """Puts text before, or behind, what stands in the file once."""
        file, anchor = self.place / name, before or behind
        old = file.read_text(encoding="utf-8")
        assert old.count(anchor) == 1, f"{anchor!r} stands {old.count(anchor)} times in {name}"
        file.write_text(old.replace(anchor, text + anchor if before else anchor + text), encoding="utf-8")

    def run(self, *command, **options):
        done = subprocess.run(command, cwd=self.place, capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
        return done.stdout


def indented(text, columns):
    return textwrap.indent(text, " " * columns)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    copy = Copy(tmp_path_factory.mktemp("adding") / "orderline")
    # 2. The contract
    copy.write("Shared/Contracts/Orders/Orders+Cancel.swift", block("struct Cancel: ServiceRequest"))
    copy.put("Shared/Contracts/Orders/Orders.swift", " Cancel.self,", behind="Fetch.self,")
    copy.write("Tests/ContractsTests/Samples/orders.cancel.json", block('"ifMatch": "'))
    # 3. The rule
    (case,) = re.findall(r"`(case cancelled = \"Cancelled\")`", PAGE)
    copy.put("Shared/Contracts/Orders/OrderStatus.swift", f"\n    {case}", behind='case completed = "Completed"')
    life = f"{ORDERS}/Domain/OrderLife.swift"
    copy.put(
        life, "\n" + indented(block("/// Its owner does not want it any more."), 4).rstrip(), behind="case completed"
    )
    copy.put(life, "        case owner\n", before="        case hand(Role)\n")
    copy.put(life, "\n        case .cancelled: .review", behind="case .completed: .processing")
    copy.put(life, "\n        case .cancelled: .cancelled", behind="case .completed: .completed")
    copy.put(life, "\n        case .cancelled: .owner", behind="case .completed: .hand(.admin)")
    copy.put(life, indented(block("mutating func cancel()"), 4) + "\n", before="    private mutating func make(")
    for name, part in (("V0006_cancelled", "not valid"), ("V0007_cancelled_checked", "validate constraint")):
        copy.write(f"{ORDERS}/Migrations/{name}.sql", block(part))
        copy.put(
            "Package.swift", f'.embedInCode("Migrations/{name}.sql"),\n                ',
            before='.embedInCode("Migrations/V0005_history_append_only.sql")',
        )  # fmt: skip
    copy.put(
        f"{ORDERS}/OrdersService.swift",
        "".join(
            f'\n                try Migration(fileName: "{name}.sql", contents: PackageResources.{name}_sql),'
            for name in ("V0006_cancelled", "V0007_cancelled_checked")
        ),
        behind="contents: PackageResources.V0005_history_append_only_sql),",
    )
    stats = "Shared/Contracts/Orders/OrderStats.swift"
    copy.put(stats, "    package var cancelled: Int?\n\n", before="    package init(")
    copy.put(stats, ", cancelled: Int?", behind="processing: Int, completed: Int")
    copy.put(stats, "        self.cancelled = cancelled\n", behind="self.completed = completed\n")
    copy.put(stats, ", cancelled: 0", behind="completed: 7")
    copy.put(stats, " + (object.cancelled ?? 0)", behind="object.review + object.processing + object.completed")
    copy.put(stats, indented(block('list.memberIfPresent("Cancelled"'), 8), before="        let total")
    lists = f"{ORDERS}/Store/OrderStore+Lists.swift"
    copy.put(
        lists, ",\n            cancelled: byStatus[.cancelled] ?? 0", behind="completed: byStatus[.completed] ?? 0"
    )
    # 5. The handler and the route
    copy.write(f"{ORDERS}/Handlers/CancelOrder.swift", block("struct CancelOrder"))
    copy.put(
        f"{ORDERS}/OrdersService.swift", indented(block("router.on(Orders.Cancel.self"), 8),
        before="        router.on(Orders.History.self",
    )  # fmt: skip
    copy.put(
        f"{GATEWAY}/Contract/Operation+Orders.swift", indented(block("static let cancelOrder"), 4) + "\n",
        before="    static let orderHistory",
    )  # fmt: skip
    copy.put(
        f"{GATEWAY}/HTTP/Routes/OrderRoutes.swift", indented(block(".cancelOrder)"), 12),
        before='            Route(.get, "\\(base)/{orderId}/history"',
    )  # fmt: skip
    return copy


def test_every_piece_of_code_fits(copy):
    changed = ["Shared/Contracts/Orders", ORDERS, f"{GATEWAY}/Contract", f"{GATEWAY}/HTTP/Routes"]
    files = [str(file) for folder in changed for file in sorted((copy.place / folder).rglob("*.swift"))]
    copy.run("swiftc", "-frontend", "-parse", "-swift-version", "6", *files)
    assert json.loads(block('"ifMatch": "'))["reply"]["status"] == "Cancelled"


if LONG:

    def test_the_operation_is_documented_and_works(copy):
        copy.run("swift", "build", timeout=1800)
        copy.run(".build/debug/gateway", "contract", "docs/contract")
        document = json.loads((copy.place / "docs" / "contract" / "openapi.json").read_text(encoding="utf-8"))
        operation = document["paths"]["/api/v1/orders/{orderId}/cancel"]["post"]
        assert operation["operationId"] == "cancelOrder"
        assert {"200", "401", "403", "404", "409", "412"} <= set(operation["responses"])
        assert "Cancelled" in document["components"]["schemas"]["OrderStatus"]["enum"]
        assert "Cancelled" in document["components"]["schemas"]["OrderStats"]["properties"]
        port = free_ports(1)
        data = copy.place.parent / "data"
        localstack = str(copy.place / ".build" / "debug" / "localstack")
        copy.run(localstack, "up", "--project", str(copy.place), "--data", str(data), "--port", str(port), "--detach")
        try:
            owner, other = Person(f"http://127.0.0.1:{port}"), Person(f"http://127.0.0.1:{port}")
            owner.register()
            other.register()
            order = owner.create_order()
            path = f"/orders/{order['id']}/cancel"
            assert other.post(path).status_code == 403
            assert owner.post(path, headers={"If-Match": '"7"'}).status_code == 412
            for _ in range(2):
                cancelled = ok(owner.post(path))
                assert (cancelled["status"], cancelled["version"]) == ("Cancelled", 2)
            assert owner.patch(f"/orders/{order['id']}", json={"quantity": 2}).status_code == 409
            # The documents of this tree know nothing of it, and the harness has noticed.
            found = contract.taken()
            assert found and all("/cancel" in fault or "Cancelled" in fault for fault in found), found
        finally:
            copy.run("bin/down", "--data", str(data))
