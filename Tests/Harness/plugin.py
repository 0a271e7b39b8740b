"""Part of pytest in every folder of tests: chance for a test, the seed beside what fails, and no skipping."""

import pytest

from Harness import randomness


@pytest.fixture
def chance(request):
    """A random generator of the test's own, the same again with the same ORDERLINE_SEED."""
    return randomness.chance(request.node.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped:
        # One that skips itself is one that nobody misses: what it needs is to be brought, or it is to go.
        report.outcome, report.longrepr = "failed", f"{item.nodeid} skips itself: {call.excinfo.value}"
    if report.failed:
        report.sections.append(("seed", f"ORDERLINE_SEED={randomness.SEED}"))
    return report
