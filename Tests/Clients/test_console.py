"""The console in a browser: what it says, that everybody can use it, and that it complains of nothing."""

import contextlib
import json
import re
import shutil
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe

from Harness.person import PASSWORD, ok, unique_email
from Harness.ports import free_ports
from Harness.settings import ROOT, seconds
from Harness.stack import Stack, running
from Harness.tabs import Tab, running_browser
from Harness.waiting import until

SOURCES = ROOT / "Services" / "Gateway" / "Service" / "Web" / "Console"
CLIENT = ROOT / "Services" / "Gateway" / "Service" / "Web" / "Client" / "orderline.js"
SHOTS = ROOT / ".local" / "console"


@pytest.fixture(scope="module")
def browser():
    with running_browser() as browser:
        yield browser


@pytest.fixture
def open_tab(browser, gateway):
    """Opens the console in a browser's window of its own; it must have nothing to complain of at the end."""
    with contextlib.ExitStack() as opened:
        tabs = []

        def open_(place="/", refusals=False, context=None, **options):
            if context is None:
                context = browser.new_context(**{"locale": "en-GB", **options})
                context.set_default_timeout(seconds(10) * 1000)
                opened.callback(context.close)
            tab = Tab(context, refusals)
            tabs.append(tab)
            tab.page.goto(f"{gateway}/#{place}")
            tab.page.locator("h1").wait_for()
            return tab.page

        yield open_
        for tab in tabs:
            assert tab.complaints == []
            assert all(url.startswith((gateway + "/", "data:")) for url in tab.asked), tab.asked


def sign_in(page, person):
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("button", name="Sign out", exact=True).wait_for()


def has(page, text):
    page.get_by_text(text).first.wait_for()


def test_somebody_makes_an_account_signs_out_and_in_again(open_tab):
    page = open_tab()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_role("link", name="Make one").click()
    page.get_by_role("heading", name="Make an account").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    address = unique_email()
    page.get_by_label("Name").fill("Nora <b>New</b>")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    # A name is a text.
    has(page, "Nora <b>New</b>")
    page.reload()
    has(page, "Nora <b>New</b>")
    page.get_by_role("button", name="Sign out", exact=True).click()
    has(page, "You have signed out.")
    page.go_back()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Account").wait_for()


def test_what_is_wrong_stands_at_its_field(open_tab, user):
    page = open_tab("/register", refusals=True)
    page.get_by_label("Name").fill("N")
    page.get_by_label("E-mail").fill(user.email.upper())
    page.get_by_label("Password", exact=True).fill("password")
    page.get_by_role("button", name="Make the account").click()
    has(page, "Too short or too long.")
    # The first of them has the focus, and each says by itself what is wrong with it.
    assert page.evaluate("document.activeElement.name") == "name"
    assert page.get_by_label("Name").get_attribute("aria-invalid") == "true"
    described = page.get_by_label("Password", exact=True).get_attribute("aria-describedby").split()
    assert any("easy to guess" in page.locator(f"#{each}").inner_text() for each in described)
    assert page.get_by_label("E-mail").input_value() == user.email.upper()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    has(page, "There is an account with this address already.")
    assert page.evaluate("document.activeElement.name") == "email"
    page = open_tab("/sign-in", refusals=True)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    has(page, "The e-mail address or the password is wrong.")


def test_a_link_leads_on_after_signing_in_and_nowhere_else(open_tab, user):
    page = open_tab("/account")
    assert page.url.endswith("#/sign-in?then=%2Faccount")
    sign_in(page, user)
    assert page.url.endswith("#/account")
    page = open_tab("/sign-in?then=https://elsewhere.example/")
    sign_in(page, user)
    assert page.url.endswith("#/account")
    page = open_tab("/nowhere")
    sign_in(page, user)
    page.get_by_role("heading", name="There is no such page").wait_for()


def test_one_keeps_name_and_address(open_tab, user):
    page = open_tab(refusals=True)
    sign_in(page, user)
    block = page.get_by_role("region", name="You")
    block.get_by_label("Name").fill("Ursula Other")
    block.get_by_role("button", name="Save").click()
    has(page, "Saved.")
    assert ok(user.get("/users/me"))["name"] == "Ursula Other"
    page.locator("header").get_by_text("Ursula Other").wait_for()
    block = page.get_by_role("region", name="You")
    address = unique_email()
    block.get_by_label("E-mail").fill(address)
    block.get_by_role("button", name="Save").click()
    has(page, "your password is needed")
    block.get_by_label("Current password", exact=True).fill("not this one")
    block.get_by_role("button", name="Save").click()
    block.get_by_text("Wrong.").wait_for()
    assert ok(user.get("/users/me"))["email"] == user.email
    block.get_by_label("Current password", exact=True).fill(user.password)
    block.get_by_role("button", name="Save").click()
    block.get_by_text("Saved.").wait_for()
    assert ok(user.get("/users/me"))["email"] == address


def test_a_new_password_ends_the_other_sessions(open_tab, user):
    page, other = open_tab(refusals=True), open_tab()
    sign_in(other, user)
    sign_in(page, user)
    block = page.get_by_role("region", name="Password")
    sessions = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    until(lambda: sessions.count() == 3, 10)
    block.get_by_label("Current password", exact=True).fill(user.password)
    block.get_by_label("New password", exact=True).fill("short")
    block.get_by_role("button", name="Change the password").click()
    block.get_by_text("Too short or too long.").wait_for()
    block.get_by_label("New password", exact=True).fill("another password, and long")
    block.get_by_role("button", name="Change the password").click()
    has(page, "The password is changed")
    assert block.get_by_label("New password", exact=True).input_value() == ""
    until(lambda: sessions.count() == 1, 10)
    has(other, "This session was ended from elsewhere.")
    assert other.url.endswith("then=%2Faccount")
    user.password = "another password, and long"
    sign_in(other, user)
    other.get_by_role("heading", name="Account").wait_for()


def test_a_session_is_ended_from_elsewhere(open_tab, user):
    page, other = open_tab(), open_tab()
    sign_in(other, user)
    sign_in(page, user)
    rows = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    until(lambda: rows.count() == 3, 10)
    assert rows.filter(has_text="This one").get_by_role("button").count() == 0
    assert rows.filter(has_text="Chrome on Linux").count() == 2
    # The newest of the others is the other window's.
    rows.get_by_role("button", name=re.compile("^Sign out there")).first.click()
    page.get_by_text(re.compile("^Signed out:")).wait_for()
    until(lambda: rows.count() == 2, 10)
    has(other, "This session was ended from elsewhere.")


def test_two_tabs_have_one_session(open_tab, user):
    page = open_tab()
    sign_in(page, user)
    twin = open_tab("/account", context=page.context)
    has(twin, user.user["name"])
    page.get_by_role("button", name="Sign out", exact=True).click()
    twin.get_by_role("heading", name="Sign in").wait_for()


def test_it_speaks_and_looks_as_one_chooses(open_tab, user):
    page = open_tab(color_scheme="light")
    sign_in(page, user)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Appearance", exact=True).select_option("Dark")
    until(lambda: page.evaluate(ground) != light, 10)
    page.get_by_label("Language", exact=True).select_option("Deutsch")
    page.get_by_role("heading", name="Konto").wait_for()
    page.reload()
    page.get_by_role("heading", name="Konto").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de" and page.evaluate(ground) != light
    german = open_tab(locale="de-AT")
    german.get_by_role("heading", name="Anmelden").wait_for()


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_view(open_tab, user, scheme, width):
    size = {"width": width, "height": 900}
    # The checker puts a script of its own into the page.
    page = open_tab("/sign-in", refusals=True, color_scheme=scheme, viewport=size, bypass_csp=True)
    SHOTS.mkdir(parents=True, exist_ok=True)

    def look(name):
        found = Axe().run(page).response["violations"]
        assert not found, [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png", full_page=True)

    look("sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Needed.").first.wait_for()
    look("sign-in-refused")
    page.get_by_role("link", name="Make one").click()
    page.get_by_role("heading", name="Make an account").wait_for()
    look("register")
    page.goto(page.url.split("#")[0] + "#/sign-in")
    page.get_by_role("heading", name="Sign in").wait_for()
    sign_in(page, user)
    page.get_by_text("This one").wait_for()
    look("account")
    page.goto(page.url.split("#")[0] + "#/nowhere")
    page.get_by_role("heading", name="There is no such page").wait_for()
    look("nowhere")


def test_it_is_used_by_the_keyboard_alone(open_tab, user):
    page = open_tab()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(8):
        if page.evaluate("document.activeElement.name") == "email":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(user.password)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Account").wait_for()
    # Each stop shows that it is one.
    for _ in range(9):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_it_is_small_kept_and_strict(open_tab, gateway, anonymous):
    first = anonymous.get("/", prefix="")
    policy = first.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "style-src 'self';" in policy and "unsafe" not in policy
    assert anonymous.get("/", prefix="", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    page = open_tab()
    names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    files = [name.removeprefix(gateway) for name in names if "/console/" in name]
    assert len(files) == len([*SOURCES.glob("*.js"), *SOURCES.glob("*.css")]) + 1
    size = len(first.content)
    for file in files:
        answer = anonymous.get(file, prefix="")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        size += len(answer.content)
    assert size <= 100 * 1024, size
    # A page of another version is served what there is, which is not to be kept.
    older = anonymous.get("/console/older/console.js", prefix="")
    assert older.status_code == 200 and older.headers["Cache-Control"] == "no-cache"
    assert anonymous.get("/console/older/nothing.js", prefix="").status_code == 404


def test_its_types_are_right_and_its_languages_whole(tmp_path):
    for file in (*SOURCES.glob("*.js"), CLIENT):
        shutil.copy(file, tmp_path)
    command = ["tsc", "--checkJs", "--strict", "--noEmit", "--target", "es2022", "--module", "es2022"]
    names = sorted(str(file) for file in tmp_path.glob("*.js"))
    command += ["--lib", "es2022,dom,dom.iterable", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds(120), check=False)
    assert done.returncode == 0, done.stdout
    text = (SOURCES / "texts.js").read_text(encoding="utf-8")
    languages = [
        re.findall(r'^ {4}"([\w.-]+)": (".*"),$', part, re.M)
        for part in re.split(r"^ {2}\w\w: \{$", text, flags=re.M)[1:]
    ]
    assert len(languages) == 2
    (english, german) = map(dict, languages)
    assert list(english) == list(german)
    for key, value in english.items():
        assert sorted(re.findall(r"\{\w+\}", value)) == sorted(re.findall(r"\{\w+\}", german[key])), key
        assert json.loads(value) and json.loads(german[key])
    used = set()
    for file in SOURCES.glob("*.js"):
        used |= set(re.findall(r"\bt\(\"([\w.-]+)\"", file.read_text(encoding="utf-8")))
    assert used <= set(english), used - set(english)


@pytest.mark.processes
def test_without_it_the_first_page_leads_to_the_interface(tmp_path):
    with running(Stack(tmp_path / "data", CONSOLE_ENABLED="false"), "--port", free_ports(1)) as stack:
        nobody = stack.registered()
        answer = nobody.get("/", prefix="")
        assert answer.status_code == 200 and "/docs/guide" in answer.text
        assert nobody.get("/console/any/console.js", prefix="").status_code == 404
