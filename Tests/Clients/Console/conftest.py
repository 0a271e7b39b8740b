"""The console in a browser: windows of it, and what is seen there."""

import contextlib
from uuid import uuid4

import pytest

from Harness.person import ok, order_body
from Harness.settings import seconds
from Harness.tabs import Tab, running_browser


@pytest.fixture(scope="module")
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture
def open_tab(browser, gateway):
    """Opens the console in a browser's window of its own; it must have nothing to complain of at the end.

    refusals: whether answers that refuse something, or connections that are cut, belong to what is tried.
    """
    with contextlib.ExitStack() as opened:
        tabs = []

        def open_(place="/", refusals=False, context=None, origin=gateway, script=None, **options):
            if context is None:
                context = browser.new_context(**{"locale": "en-GB", **options})
                context.set_default_timeout(seconds(10) * 1000)
                opened.callback(context.close)
            if script:
                context.add_init_script(script)
            tab = Tab(context, refusals)
            tabs.append((tab, origin))
            tab.page.goto(f"{origin}/#{place}")
            tab.page.locator("h1").wait_for()
            return tab.page

        yield open_
        for tab, origin in tabs:
            assert tab.complaints == []
            own = (origin + "/", "data:", "blob:" + origin, origin.replace("http", "ws", 1) + "/")
            assert all(url.startswith(own) for url in tab.asked), tab.asked


@pytest.fixture
def signed_in(open_tab):
    """Opens a window in which somebody is signed in."""

    def open_(person, place="/", **options):
        page = open_tab(place, **options)
        sign_in(page, person)
        return page

    return open_


@pytest.fixture
def see():
    return has


@pytest.fixture
def sign():
    return sign_in


@pytest.fixture
def place():
    """Places an order."""
    return lambda person, **changes: ok(person.post("/orders", json=order_body(**changes)), 201)


@pytest.fixture
def say():
    """Says something about an order."""

    def send(person, order, content, **fields):
        return ok(person.post(f"/chat/rooms/{order['id']}/messages", json={"content": content, **fields}), 201)

    return send


@pytest.fixture
def close():
    def close_(person, order, summary="Agreed."):
        return ok(person.post(f"/chat/rooms/{order['id']}/close", json={"summary": summary}))

    return close_


@pytest.fixture
def word():
    """Words that nothing else has, to be looked for."""
    return lambda: f"word{uuid4().hex[:12]}"


def sign_in(page, person):
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("button", name="Sign out", exact=True).wait_for()


def has(page, text):
    page.get_by_text(text).first.wait_for()
