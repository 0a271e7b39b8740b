"""The check of pinned packages objects to each way of not being pinned."""

import json

import pytest

import check_supply
from tree import Tree

URL = "https://example.org/a/swift-a.git"
RESOLVED = json.dumps({"pins": [{"identity": "swift-a", "state": {"version": "1.2.3", "revision": "0"}}]})


def found(place, requirement, resolved=RESOLVED):
    (place / "Package.swift").write_text(f"dependencies: [\n    {requirement}\n],\n")
    return list(check_supply.faults(Tree(place, ["Package.swift"]), resolved))


def test_an_exact_version_is_right(tmp_path):
    assert found(tmp_path, f'.package(url: "{URL}", exact: "1.2.3"),') == []


@pytest.mark.parametrize(
    ("requirement", "objection"),
    [
        (f'.package(url: "{URL}", .upToNextMinor(from: "1.2.3")),', "not pinned to one version"),
        (f'.package(url: "{URL}", from: "1.2.3"),', "not pinned to one version"),
        (f'.package(url: "{URL}", branch: "main"),', "not pinned to one version"),
        (f'.package(url: "{URL}", exact: "1.2.4"),', "pinned to 1.2.4 and resolved at 1.2.3"),
        ("", "swift-a, resolved at 1.2.3, is not pinned"),
    ],
)
def test_anything_else_is_a_fault(tmp_path, requirement, objection):
    assert any(objection in fault for fault in found(tmp_path, requirement))


def test_a_pin_that_nothing_needs_is_a_fault(tmp_path):
    faults = found(tmp_path, f'.package(url: "{URL}", exact: "1.2.3"),', json.dumps({"pins": []}))
    assert len(faults) == 1 and "needed by nothing" in faults[0]
