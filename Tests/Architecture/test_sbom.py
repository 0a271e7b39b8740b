"""bin/sbom says what the system is made of, in a form that others read."""

import json
import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from Harness.settings import ROOT


@pytest.fixture(scope="module")
def text():
    command = [str(ROOT / "bin" / "sbom")]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=True).stdout


@pytest.fixture(scope="module")
def bill(text):
    return json.loads(text)


def named(bill, name):
    return next(each for each in bill["components"] if each["name"] == name)


def test_it_is_cyclonedx(text):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_every_package_that_is_resolved_is_named_with_its_version(bill):
    pins = json.loads((ROOT / "Package.resolved").read_text(encoding="utf-8"))["pins"]
    assert pins
    for pin in pins:
        assert named(bill, pin["identity"])["version"] == pin["state"]["version"]
        assert named(bill, pin["identity"])["purl"].startswith("pkg:swift/github.com/")


def test_what_is_delivered_is_told_from_what_tests_and_tools_need(bill):
    for name in (
        "hummingbird",
        "swift-nio",
        "swift-asn1",
        "libpq5",
        "libargon2-1",
        "postgres",
        "nats",
        "debian",
        "asyncapi-viewer",
    ):
        assert named(bill, name)["scope"] == "required", name
    for name in ("hdrhistogram-swift", "pytest", "swift"):
        assert named(bill, name)["scope"] == "excluded", name


def test_every_reference_leads_to_a_component(bill):
    known = {each["bom-ref"] for each in bill["components"]} | {"orderline"}
    assert len(known) == len(bill["components"]) + 1
    for each in bill["dependencies"]:
        assert {each["ref"], *each["dependsOn"]} <= known


def test_the_same_tree_has_the_same_number(bill):
    again = json.loads(subprocess.run([str(ROOT / "bin" / "sbom")], capture_output=True, timeout=50, check=True).stdout)
    assert again["serialNumber"] == bill["serialNumber"]
