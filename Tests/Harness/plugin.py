"""Part of pytest in every folder of tests: chance for a test, and the seed beside what fails."""

import pytest

from Harness import randomness


@pytest.fixture
def chance(request):
    """A random generator of the test's own, the same again with the same ORDERLINE_SEED."""
    return randomness.chance(request.node.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        report.sections.append(("seed", f"ORDERLINE_SEED={randomness.SEED}"))
    return report
