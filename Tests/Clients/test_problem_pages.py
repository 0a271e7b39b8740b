"""docs/api.md §2.1: the `type` of every problem is a page that explains it."""

import pytest

from test_errors_table import TABLE


@pytest.mark.parametrize("code", TABLE)
def test_every_code_has_a_page(anonymous, code):
    answer = anonymous.get(f"/problems/{code}", prefix="")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/html") and code in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Content-Security-Policy" in answer.headers


def test_an_unknown_code_has_none(anonymous):
    assert anonymous.get("/problems/no-such-code", prefix="").status_code == 404
