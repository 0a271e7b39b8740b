"""People at a test file's own system, which the file makes as its fixture `stack`."""

import pytest

pytest_plugins = ["Harness.plugin"]


@pytest.fixture
def user(stack):
    return stack.registered()


@pytest.fixture
def admin(stack):
    return stack.admin()
