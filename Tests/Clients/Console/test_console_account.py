"""The console in a browser: accounts and sessions, and how it looks and speaks."""

import re

from Harness.meddler import Meddler
from Harness.person import PASSWORD, ok, unique_email
from Harness.waiting import until


def test_somebody_makes_an_account_signs_out_and_in_again(open_tab, see):
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
    see(page, "Nora <b>New</b>")
    page.reload()
    see(page, "Nora <b>New</b>")
    page.get_by_role("button", name="Sign out", exact=True).click()
    see(page, "You have signed out.")
    page.go_back()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Orders").wait_for()


def test_what_is_wrong_stands_at_its_field(open_tab, user, see):
    page = open_tab("/register", refusals=True)
    page.get_by_label("Name").fill("N")
    page.get_by_label("E-mail").fill(user.email.upper())
    page.get_by_label("Password", exact=True).fill("password")
    page.get_by_role("button", name="Make the account").click()
    see(page, "Too short or too long.")
    # The first of them has the focus, and each says by itself what is wrong with it.
    assert page.evaluate("document.activeElement.name") == "name"
    assert page.get_by_label("Name").get_attribute("aria-invalid") == "true"
    described = page.get_by_label("Password", exact=True).get_attribute("aria-describedby").split()
    assert any("easy to guess" in page.locator(f"#{each}").inner_text() for each in described)
    assert page.get_by_label("E-mail").input_value() == user.email.upper()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    see(page, "There is an account with this address already.")
    assert page.evaluate("document.activeElement.name") == "email"
    page = open_tab("/sign-in", refusals=True)
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    see(page, "The e-mail address or the password is wrong.")


def test_a_link_leads_on_after_signing_in_and_nowhere_else(open_tab, user, sign):
    page = open_tab("/account")
    assert page.url.endswith("#/sign-in?then=%2Faccount")
    sign(page, user)
    assert page.url.endswith("#/account")
    page = open_tab("/sign-in?then=https://elsewhere.example/")
    sign(page, user)
    assert page.url.endswith("#/orders")
    page = open_tab("/nowhere")
    sign(page, user)
    page.get_by_role("heading", name="There is no such page").wait_for()


def test_one_keeps_name_and_address(open_tab, user, see, sign):
    page = open_tab("/account", refusals=True)
    sign(page, user)
    block = page.get_by_role("region", name="You")
    block.get_by_label("Name").fill("Ursula Other")
    block.get_by_role("button", name="Save").click()
    see(page, "Saved.")
    assert ok(user.get("/users/me"))["name"] == "Ursula Other"
    page.locator("header").get_by_text("Ursula Other").wait_for()
    block = page.get_by_role("region", name="You")
    address = unique_email()
    block.get_by_label("E-mail").fill(address)
    block.get_by_role("button", name="Save").click()
    see(page, "your password is needed")
    block.get_by_label("Current password", exact=True).fill("not this one")
    block.get_by_role("button", name="Save").click()
    block.get_by_text("Wrong.").wait_for()
    assert ok(user.get("/users/me"))["email"] == user.email
    block.get_by_label("Current password", exact=True).fill(user.password)
    block.get_by_role("button", name="Save").click()
    block.get_by_text("Saved.").wait_for()
    assert ok(user.get("/users/me"))["email"] == address


def test_a_new_password_ends_the_other_sessions(open_tab, user, see, sign):
    page, other = open_tab("/account", refusals=True), open_tab("/account")
    sign(other, user)
    sign(page, user)
    block = page.get_by_role("region", name="Password")
    sessions = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    until(lambda: sessions.count() == 3, 10)
    block.get_by_label("Current password", exact=True).fill(user.password)
    block.get_by_label("New password", exact=True).fill("short")
    block.get_by_role("button", name="Change the password").click()
    block.get_by_text("Too short or too long.").wait_for()
    block.get_by_label("New password", exact=True).fill("another password, and long")
    block.get_by_role("button", name="Change the password").click()
    see(page, "The password is changed")
    assert block.get_by_label("New password", exact=True).input_value() == ""
    until(lambda: sessions.count() == 1, 10)
    see(other, "This session was ended from elsewhere.")
    assert other.url.endswith("then=%2Faccount")
    user.password = "another password, and long"
    sign(other, user)
    other.get_by_role("heading", name="Account").wait_for()


def test_a_session_is_ended_from_elsewhere(open_tab, user, see, sign):
    page, other = open_tab("/account"), open_tab("/account")
    sign(other, user)
    sign(page, user)
    rows = page.get_by_role("region", name="Sessions").get_by_role("listitem")
    until(lambda: rows.count() == 3, 10)
    assert rows.filter(has_text="This one").get_by_role("button").count() == 0
    assert rows.filter(has_text="Chrome on Linux").count() == 2
    # The newest of the others is the other window's.
    rows.get_by_role("button", name=re.compile("^Sign out there")).first.click()
    page.get_by_text(re.compile("^Signed out:")).wait_for()
    until(lambda: rows.count() == 2, 10)
    see(other, "This session was ended from elsewhere.")


def test_two_tabs_have_one_session(open_tab, user, see, sign):
    page = open_tab()
    sign(page, user)
    twin = open_tab("/account", context=page.context)
    see(twin, user.user["name"])
    page.get_by_role("button", name="Sign out", exact=True).click()
    twin.get_by_role("heading", name="Sign in").wait_for()


def test_it_speaks_and_looks_as_one_chooses(open_tab, user, sign):
    page = open_tab("/account", color_scheme="light")
    sign(page, user)
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


def test_another_user_in_another_window_ends_what_was_there(open_tab, user, other, see, sign):
    page = open_tab("/account", refusals=True)
    twin = open_tab("/sign-in", context=page.context)
    sign(page, user)
    # That window was open before, and takes another account in.
    sign(twin, other)
    see(page, "Somebody else has signed in in another window of this browser.")
    page.reload()
    see(page, other.user["name"])
    assert twin.get_by_text(other.user["name"]).first.is_visible()


def test_signing_out_without_a_connection_ends_the_session_later(open_tab, gateway, chance, user, see, sign):
    with Meddler(gateway, chance) as meddler:
        page = open_tab("/account", refusals=True, origin=meddler.origin)
        sign(page, user)
        page.evaluate("localStorage.setItem('keys', 'off'); localStorage.setItem('draft:other:1', 'theirs');")
        assert len(ok(user.get("/auth/sessions"))["items"]) == 2
        meddler.is_away = True
        meddler.cut()
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_text("nobody was reached to end the session").wait_for(timeout=60_000)
        assert len(ok(user.get("/auth/sessions"))["items"]) == 2
        meddler.is_away = False
        until(lambda: len(ok(user.get("/auth/sessions"))["items"]) == 1, 30)
        until(lambda: page.evaluate("localStorage.getItem('leaving')") is None)
        until(lambda: page.evaluate("localStorage.getItem('keys')") == "off")
        assert page.evaluate("localStorage.getItem('draft:other:1')") == "theirs"
        page.reload()
        page.get_by_role("heading", name="Sign in").wait_for()


def test_signing_out_takes_along_what_is_ones_own_and_nothing_else(open_tab, user, sign):
    page = open_tab("/account")
    sign(page, user)
    page.evaluate(
        "(me) => { localStorage.setItem('keys', 'off'); localStorage.setItem('draft:other:1', 'theirs');"
        " localStorage.setItem(`draft:${me}:1`, 'mine'); }",
        user.id,
    )
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_text("You have signed out.").wait_for()
    # The answer has the browser forget all of it first.
    until(lambda: page.evaluate("localStorage.getItem('keys')") == "off")
    kept = page.evaluate("({ ...localStorage })")
    assert kept["draft:other:1"] == "theirs"
    assert not any(name.startswith(f"draft:{user.id}") for name in kept)


def test_another_role_shows_other_things(open_tab, make_admin, admin, sign):
    person = make_admin()
    page = open_tab("/desk", refusals=True)
    sign(page, person)
    page.get_by_role("heading", name="Desk").wait_for(state="attached")
    ok(admin.patch(f"/users/{person.id}", json={"role": "Regular"}))
    page.get_by_role("heading", name="Orders").wait_for(timeout=30_000)
    assert page.get_by_role("link", name="Users").count() == 0
