"""The pages that explain the interface, in a browser: what they show and load, and that what they print works."""

import contextlib
import os
import re
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe

from Harness.person import ok
from Harness.tabs import Tab, running_browser

PAGES = ("/docs", "/docs/events", "/docs/guide", "/problems/rate-limited")


@pytest.fixture(scope="module")
def browser():
    with running_browser() as browser:
        yield browser


def open_page(tab, gateway, path):
    tab.page.goto(gateway + path)
    shown = {"/docs": ".opblock", "/docs/events": "role=heading[name='joinRoom (/ws)']"}.get(path, "h1")
    tab.page.locator(shown).first.wait_for()


@pytest.fixture
def open_tab(browser):
    """Opens a page that must have nothing to complain of at the end."""
    with contextlib.ExitStack() as opened:

        def open_(gateway, path, **options):
            context = browser.new_context(**options)
            opened.callback(context.close)
            tab = Tab(context)
            open_page(tab, gateway, path)
            return tab

        yield open_


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_read_it(open_tab, gateway, path, scheme, width):
    # The checker puts a script of its own into the page.
    size = {"width": width, "height": 900}
    tab = open_tab(gateway, path, color_scheme=scheme, viewport=size, bypass_csp=True)
    found = Axe().run(tab.page).response["violations"]
    assert not found, [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_it_loads_nothing_from_elsewhere_and_runs_no_script_within_it(open_tab, gateway, anonymous, path):
    tab = open_tab(gateway, path)
    assert tab.complaints == []
    assert all(url.startswith((gateway + "/", "data:")) for url in tab.asked), tab.asked
    policy = anonymous.get(path, prefix="").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert ("'unsafe-inline'" in policy) == (path == "/docs")


def test_a_call_is_tried_by_whoever_is_authorized(open_tab, gateway, user):
    tab = open_tab(gateway, "/docs")
    page = tab.page
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input[type=text], .auth-container input[type=password]").first.fill(user.token)
    page.locator(".auth-btn-wrapper .authorize").first.click()
    page.locator(".btn-done").first.click()
    call = page.locator("#operations-Your_account-getMe")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name="Execute").click()
    answer = call.locator(".live-responses-table .response")
    answer.wait_for()
    assert "200" in answer.inner_text() and user.email in answer.inner_text()


def test_without_viewers_a_page_says_so(open_tab, gateway, browser):
    for path in ("/docs", "/docs/events"):
        page = browser.new_page()
        page.route(re.compile(r"swagger-ui-bundle|asyncapi-viewer\.js"), lambda route: route.fulfill(status=404))
        page.goto(gateway + path)
        page.locator("#missing").wait_for(state="visible")
        page.close()


def test_what_a_page_loads_is_compressed_and_asked_for_anew(anonymous):
    path = "/docs/assets/swagger-ui-bundle.js"
    plain = anonymous.get(path, prefix="", headers={"Accept-Encoding": "identity"})
    packed = anonymous.get(path, prefix="", headers={"Accept-Encoding": "gzip, br"})
    refused = anonymous.get(path, prefix="", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip" and packed.content == plain.content == refused.content
    assert "Content-Encoding" not in plain.headers and "Content-Encoding" not in refused.headers
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 3
    assert plain.headers["ETag"] != packed.headers["ETag"] and plain.headers["Vary"] == "Accept-Encoding"
    for each, encoding in ((plain, "identity"), (packed, "gzip")):
        fields = {"If-None-Match": each.headers["ETag"], "Accept-Encoding": encoding}
        again = anonymous.get(path, prefix="", headers=fields)
        assert again.status_code == 304 and not again.content
    for name in ("nothing.js", "..%2F..%2Fetc%2Fpasswd", "swagger-ui.LICENSE"):
        assert anonymous.get(f"/docs/assets/{name}", prefix="").status_code == 404


def test_the_documents_are_served_with_tags(anonymous):
    for path in ("/openapi.json", "/asyncapi.json"):
        response = anonymous.get(path, prefix="")
        assert ok(response) and response.headers["Cache-Control"] == "no-cache"
        again = anonymous.get(path, prefix="", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304 and not again.content


def test_the_guide_works_as_printed_with_curl(open_tab, gateway, tmp_path):
    snippets = open_tab(gateway, "/docs/guide").page.locator("code.curl").all_inner_texts()
    assert len(snippets) >= 4
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME")},
        "ADMIN_EMAIL": os.environ["ORDERLINE_ADMIN_EMAIL"],
        "ADMIN_PASSWORD": os.environ["ORDERLINE_ADMIN_PASSWORD"],
    }
    script = "set -eo pipefail\n" + "\n".join(f"{text}\necho" for text in snippets)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = ('"name":"Olga Owner"', '"number":', '"seq":1', '"hasMore":false', '"isOpen":false', '"room-closed"')
    for text in shown:
        assert text in done.stdout, f"{text} is missing in {done.stdout}"


def test_the_guide_works_as_printed_in_a_browser(open_tab, gateway):
    tab = open_tab(gateway, "/docs/guide")
    snippets = tab.page.locator("code.js").all_inner_texts()
    assert len(snippets) >= 4
    answers = [os.environ["ORDERLINE_ADMIN_EMAIL"], os.environ["ORDERLINE_ADMIN_PASSWORD"]]
    tab.page.on("dialog", lambda dialog: dialog.accept(answers.pop(0)))
    told = tab.page.evaluate(
        "(async () => {\n"
        + "\n".join(snippets)
        + "\nsocket.close(); return { room, message, events: heard.map(({ event }) => event) }; })()"
    )
    assert told["room"]["isOpen"] and told["message"]["seq"] == 1
    assert {"newMessage", "roomClosed", "orderStatusChanged"} <= set(told["events"])
    assert tab.complaints == []
