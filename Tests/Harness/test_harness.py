"""What the harness does when something goes wrong: it waits no longer than it should, and says what it waited for."""

import asyncio
import os
import socket
import subprocess
import time

import pytest

from Harness import randomness, settings
from Harness.ports import free_ports
from Harness.probes import is_ready, metric, status
from Harness.processes import is_alive, parent_of, standing_still, stat_fields
from Harness.settings import ROOT
from Harness.waiting import until, until_async

WAITS = [until, lambda *arguments, **options: asyncio.run(until_async(*arguments, **options))]


@pytest.fixture(params=WAITS, ids=["until", "until_async"])
def wait(request):
    return request.param


def test_waiting_ends_with_the_first_value_that_is_true(wait):
    values = iter([0, None, "here", "later"])
    assert wait(lambda: next(values), 5) == "here"


def test_waiting_ends_at_its_bound_and_says_for_what(wait):
    begun = time.monotonic()
    with pytest.raises(AssertionError, match=r"still \[\] after 0.2 s: a room"):
        wait(list, 0.2, "a room")
    assert 0.2 <= time.monotonic() - begun < 5


def test_slack_stretches_a_bound_once(wait, monkeypatch):
    monkeypatch.setattr(settings, "SLACK", 3.0)
    begun = time.monotonic()
    with pytest.raises(AssertionError, match=r"after 0.3\d* s"):
        wait(lambda: False, 0.1)
    assert time.monotonic() - begun >= 0.3


def test_a_failure_shows_its_seed_and_the_seed_draws_the_same_again(pytester, monkeypatch):
    pytester.makeconftest('pytest_plugins = ["Harness.plugin"]')
    pytester.makepyfile("def test_it(chance):\n    assert not chance.random(), f'drew {chance.random()}'")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "Tests"))
    drawn = []
    for seed in ("12", "12", "13"):
        monkeypatch.setenv("ORDERLINE_SEED", seed)
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
        result.stdout.fnmatch_lines([f"ORDERLINE_SEED={seed}"])
        drawn.append(next(line for line in result.outlines if "AssertionError: drew" in line))
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("body", [
    "def test_it():\n    pytest.skip('no reason')",
    "@pytest.mark.skipif(True, reason='no reason')\ndef test_it(): pass",
    "@pytest.fixture\ndef thing():\n    pytest.skip('no reason')\ndef test_it(thing): pass",
    "def test_it():\n    pytest.importorskip('nothing_of_this_name', reason='no reason')",
])  # fmt: skip
def test_a_test_that_skips_itself_fails(pytester, monkeypatch, body):
    pytester.makeconftest('pytest_plugins = ["Harness.plugin"]')
    pytester.makepyfile("import pytest\n" + body)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "Tests"))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*test_it skips itself: *no reason*"])


def test_chance_differs_by_name():
    assert randomness.chance("a").random() == randomness.chance("a").random() != randomness.chance("b").random()


def test_free_ports_are_free_and_in_a_row():
    first = free_ports(3)
    for port in range(first, first + 3):
        with socket.socket() as each:
            each.bind(("127.0.0.1", port))


def test_nothing_answers_where_nothing_is():
    nowhere = f"http://127.0.0.1:{free_ports()}"
    assert (status(nowhere), is_ready(nowhere), metric(nowhere, "any")) == (None, False, None)
    assert status("no address") is None


def test_a_process_stands_still_for_the_time_of_a_block_and_may_die_in_it():
    process = subprocess.Popen(["sleep", "60"])
    try:
        assert is_alive(process.pid) and parent_of(process.pid) == os.getpid()
        with standing_still([process.pid]):
            until(lambda: stat_fields(process.pid)[0] == "T", 5)
        until(lambda: stat_fields(process.pid)[0] == "S", 5)
        with standing_still([process.pid]):
            process.kill()
            process.wait(timeout=5)
        assert not is_alive(process.pid) and parent_of(process.pid) is None
    finally:
        process.kill()
        process.wait(timeout=5)
