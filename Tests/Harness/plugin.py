"""Part of pytest in every folder of tests: chance, the seed beside what fails, no skipping, nothing undescribed."""

import pytest

from Harness import contract, randomness


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
    if report.when == "teardown" and report.passed and (found := contract.taken()):
        listed = "\n".join(dict.fromkeys(found))
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} received what the documents of the interface do not describe:\n{listed}"
    if report.failed:
        report.sections.append(("seed", f"ORDERLINE_SEED={randomness.SEED}"))
    return report
