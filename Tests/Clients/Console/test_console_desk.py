"""The console for Admins: the queue, answering and closing, users and figures."""

import re

import pytest

from Harness.person import ok
from Harness.waiting import until

# A page that is in the background as far as it can tell, and notifications that are written down.
HIDDEN = """
window.isHidden = false;
Object.defineProperty(document, "visibilityState", { get: () => (window.isHidden ? "hidden" : "visible") });
window.notes = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { window.asked = true; return (this.permission = "granted"); }
  constructor(title, { body, tag }) { window.notes.push({ title, body, tag, click: () => this.onclick() }); }
  close() {}
};
"""


@pytest.fixture
def boss(make_admin):
    """An Admin whom nobody else is, so that what is unread is the test's."""
    return make_admin()


def found(page):
    """The numbers of the orders in the queue, from the top."""
    return re.findall(r"#(\d+)", " ".join(page.locator(".queue-list li").all_text_contents()))


def look_for(page, text):
    page.get_by_role("searchbox").fill(text)


def row(page, order):
    return page.locator(f".queue-list li[data-id='{order['id']}']")


def open_order(page, order):
    page.goto(f"{page.url.split('#')[0]}#/desk?order={order['id']}")
    page.get_by_role("heading", name=re.compile(f"^#{order['number']} ")).wait_for()
    page.get_by_label("Message", exact=True).or_(page.get_by_text("This conversation is closed.")).first.wait_for()


def test_the_whole_story(signed_in, user, boss, see):
    """Owner and Admin in two browsers; nothing is reloaded on the way."""
    desk, page = signed_in(boss), signed_in(user)
    until(lambda: "Review" in desk.locator(".tabs").inner_text())
    page.get_by_role("link", name="New order").first.click()
    page.get_by_label("What is it?").fill("Forty oak chairs")
    page.get_by_label("Specifications").fill("Oiled")
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name=re.compile(r"^Order #")).wait_for()
    (order,) = ok(user.get("/orders"))["items"]
    page.get_by_label("Message", exact=True).fill("When can I have them?")
    page.get_by_label("Message", exact=True).press("Enter")
    see(page, "Sent")
    # It appears by itself, and says that something is unread.
    mine = row(desk, order)
    mine.wait_for()
    until(lambda: "When can I have them?" in mine.text_content() and mine.locator(".badge").count() == 1, 20)
    mine.get_by_role("link").click()
    see(desk, "When can I have them?")
    see(desk, f"Here now: {user.user['name']}")
    see(page, "Here now: Ada Admin")
    # What was read is told.
    page.locator(".message.mine .state.read").wait_for()
    until(lambda: mine.locator(".badge").count() == 0)
    answer = desk.get_by_label("Message", exact=True)
    answer.press_sequentially("On Friday", delay=20)
    see(page, "Ada Admin is writing …")
    answer.press("Enter")
    page.locator(".message.theirs", has_text="On Friday").wait_for()
    until(lambda: page.locator(".typists").inner_text() == "")
    desk.locator(".message.mine .state.read").wait_for()
    # What will happen is said before it happens.
    desk.get_by_role("button", name="Close with a summary").click()
    dialog = desk.get_by_role("dialog")
    assert "cannot be taken back" in dialog.inner_text() and "Processing" in dialog.inner_text()
    dialog.get_by_label("Summary").fill("Forty chairs on <Friday>.\nSee https://example.com/plan.")
    until(lambda: dialog.locator(".preview a").get_attribute("href") == "https://example.com/plan")
    dialog.get_by_role("button", name="Close the conversation").click()
    dialog.wait_for(state="detached")
    for each in (desk, page):
        see(each, "This conversation is closed.")
        each.locator(".message.summary", has_text="Forty chairs on <Friday>.").wait_for()
        each.locator(".panel-content .tag.status", has_text="Processing").wait_for()
        assert each.get_by_label("Message", exact=True).count() == 0
    # What is open stays in the queue, and that is nothing new.
    desk.locator(".queue-list").hover()
    row(desk, order).wait_for()
    assert desk.locator(".queue .newer").is_hidden()
    desk.get_by_role("button", name="Complete the order").click()
    desk.get_by_role("dialog").get_by_role("button", name="Complete it").click()
    for each in (desk, page):
        each.locator(".panel-content .tag.status", has_text="Completed").wait_for()
        see(each, "Processing → Completed, by Ada Admin")
    with desk.expect_download() as saved:
        desk.get_by_role("button", name="Text", exact=True).click()
    assert "Forty chairs on <Friday>." in saved.value.path().read_text(encoding="utf-8")
    assert ok(user.get(f"/orders/{order['id']}"))["status"] == "Completed"


def test_two_admins_close_at_once_and_one_is_told(signed_in, user, make_admin, place, see):
    order = place(user)
    pages = [signed_in(make_admin(name=name), refusals=True) for name in ("Ada Admin", "Bob Admin")]
    for page, summary in zip(pages, ("Ada's summary", "Bob's summary"), strict=True):
        open_order(page, order)
        page.get_by_role("button", name="Close with a summary").click()
        page.get_by_role("dialog").get_by_label("Summary").fill(summary)
    pages[0].get_by_role("button", name="Close the conversation").click()
    see(pages[0], "This conversation is closed.")
    dialog = pages[1].get_by_role("dialog")
    dialog.get_by_role("button", name="Close the conversation").click()
    dialog.get_by_text("Ada Admin has closed it already").wait_for()
    assert "Ada's summary" in dialog.inner_text()
    assert dialog.get_by_label("Summary").input_value() == "Bob's summary"
    dialog.get_by_role("button", name="Cancel").click()
    assert pages[1].locator(".message.summary").inner_text().endswith("Ada's summary")


def test_two_admins_see_each_other_in_a_room(signed_in, user, make_admin, place, see):
    order = place(user)
    ada, bob = [signed_in(make_admin(name=name)) for name in ("Ada Admin", "Bob Admin")]
    for page in (ada, bob):
        open_order(page, order)
    see(ada, "Here now: Bob Admin")
    bob.get_by_label("Message", exact=True).press_sequentially("I will", delay=20)
    see(ada, "Bob Admin is writing …")
    assert "warn" in ada.locator(".typists").get_attribute("class")
    bob.get_by_role("link", name="Figures").click()
    see(ada, "Nobody else is here now.")
    until(lambda: ada.locator(".typists").inner_text() == "")


def test_who_waits_longest_comes_first(signed_in, user, boss, place, say, word):
    mark = word()
    quiet, answered, waits, waits_longer = [place(user, description=f"{mark} {number}") for number in range(4)]
    say(user, waits_longer, "first")
    say(user, answered, "a question")
    say(user, waits, "second")
    say(boss, answered, "an answer")
    ok(boss.post(f"/chat/rooms/{answered['id']}/read", json={"seq": 2}), 204)
    page = signed_in(boss)
    look_for(page, mark)
    numbers = [str(each["number"]) for each in (waits_longer, waits, quiet, answered)]
    until(lambda: found(page) == numbers)
    page.get_by_label("What comes first").select_option("newest")
    numbers = [str(each["number"]) for each in (answered, waits, waits_longer, quiet)]
    until(lambda: found(page) == numbers)
    assert "sort=newest" in page.url


def test_orders_are_found_by_number_customer_and_text(signed_in, make_user, boss, place, say, word):
    name, text, said = word(), word(), word()
    user = make_user(name=f"Nora {name}")
    one, other = place(user, description=f"with {text}"), place(user)
    say(user, other, f"about {said}")
    page = signed_in(boss)
    first, second = str(one["number"]), str(other["number"])
    for what, numbers in ((text, {first}), (said, {second}), (name, {first, second})):
        look_for(page, what)
        until(lambda numbers=numbers: set(found(page)) == numbers)
    look_for(page, first)
    until(lambda: first in found(page) and second not in found(page))
    look_for(page, word())
    page.get_by_text("Nothing was found.").wait_for()


def test_the_queue_counts_and_does_not_move_under_the_hand(signed_in, user, boss, place, say, see):
    old = place(user)
    say(user, old, "I have waited")
    page = signed_in(boss)
    row(page, old).wait_for()
    stats = ok(boss.get("/orders/stats"))
    until(lambda: f"Review {stats['Review']:,}" in page.locator(".tabs").inner_text().replace("\n", " "))
    open_order(page, old)
    page.locator(".queue-list li").first.hover()
    before = found(page)
    new = place(user)
    say(user, new, "I am new")
    page.get_by_role("button", name=re.compile("new ↑")).wait_for(timeout=20_000)
    assert found(page) == before
    until(lambda: f"Review {stats['Review'] + 1:,}" in page.locator(".tabs").inner_text().replace("\n", " "))
    page.get_by_role("button", name=re.compile("new ↑")).click()
    row(page, new).wait_for()
    # What was open is open still.
    see(page, "I have waited")


def test_all_of_it_goes_by_the_keyboard(signed_in, user, boss, place, say, word):
    mark = word()
    first, second = place(user, description=f"{mark} 1"), place(user, description=f"{mark} 2")
    for order in (first, second):
        say(user, order, "a question")
    page = signed_in(boss)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type(mark)
    until(lambda: found(page) == [str(first["number"]), str(second["number"])])
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile(f"^#{second['number']} ")).wait_for()
    page.get_by_label("Message", exact=True).wait_for()
    page.keyboard.press("r")
    until(lambda: page.evaluate("document.activeElement.name") == "message")
    # Where something is written, letters are letters.
    page.keyboard.type("jek?/")
    assert page.get_by_label("Message", exact=True).input_value() == "jek?/"
    page.keyboard.press("Enter")
    page.locator(".message.mine", has_text="jek?/").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("e")
    page.get_by_role("dialog", name=f"Close the conversation about #{second['number']}").wait_for()
    until(lambda: page.evaluate("document.activeElement.tagName") == "TEXTAREA")
    page.keyboard.type("Done.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("This conversation is closed.").wait_for()
    # Whoever does not want single keys turns them off.
    page.goto(f"{page.url.split('#')[0]}#/account")
    page.get_by_label("Single keys do something").uncheck()
    page.goto(f"{page.url.split('#')[0]}#/desk")
    page.get_by_role("heading", name="Desk").wait_for()
    page.keyboard.press("?")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") != "search"
    assert page.get_by_role("dialog").count() == 0


def test_whoever_asks_is_notified_while_nobody_looks(signed_in, user, boss, place, say):
    order = place(user)
    page = signed_in(boss, script=HIDDEN)
    row(page, order).wait_for()
    assert not page.evaluate("window.asked")
    page.get_by_role("button", name="Notify me").click()
    page.get_by_role("button", name="Notify me").wait_for(state="hidden")
    assert page.evaluate("window.asked")
    say(user, order, "Do you see me?")
    until(lambda: re.match(r"\(\d+\+?\) ", page.title()), 20)
    assert page.evaluate("window.notes") == []
    page.evaluate("window.isHidden = true")
    say(user, order, "And <b>now</b>?")
    until(lambda: page.evaluate("window.notes.length") == 1, 30)
    note = page.evaluate("(({ title, body, tag }) => ({ title, body, tag }))(window.notes[0])")
    assert note == {"title": user.user["name"], "body": "And <b>now</b>?", "tag": order["id"]}
    newer = place(user)
    until(lambda: page.evaluate("window.notes.length") == 2)
    assert f"#{newer['number']}" in page.evaluate("window.notes[1].title")
    page.evaluate("window.isHidden = false; window.notes[0].click()")
    page.get_by_role("heading", name=re.compile(f"^#{order['number']} ")).wait_for()


def test_users_are_found_and_changed(signed_in, make_user, boss, word, see):
    name = word()
    person = make_user(name=f"Nora {name}")
    page = signed_in(boss, "/users", refusals=True)
    page.get_by_role("searchbox").fill(name)
    rows = page.locator(".rows li")
    until(lambda: rows.count() == 1 and name in rows.inner_text())
    page.get_by_role("link", name="Admins", exact=True).click()
    see(page, "Nobody was found.")
    page.get_by_role("link", name="Customers", exact=True).click()
    until(lambda: rows.count() == 1)
    assert f"q={name}" in page.url and "role=Regular" in page.url

    def does(action, done, confirm=True):
        rows.get_by_role("button", name=re.compile(f"^{action}")).click()
        if confirm:
            page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
        page.locator(".form-notice", has_text=done).wait_for()

    def now():
        return ok(boss.get(f"/users/{person.id}"))

    does("Make Admin", "is changed")
    assert now()["role"] == "Admin"
    does("Make customer", "is changed")
    assert now()["role"] == "Regular"
    person.login()
    does("Sign out everywhere", "is signed out everywhere", confirm=False)
    assert person.get("/users/me").status_code == 401
    does("Disable", "is changed")
    assert now()["disabled"]
    does("Enable", "is changed", confirm=False)
    assert not now()["disabled"]
    # What cannot be taken back is not done by Enter, pressed once too often.
    rows.get_by_role("button", name=re.compile("^Delete")).press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    assert now()["email"] == person.email
    does("Delete", "is deleted")
    until(lambda: "Deleted user" in rows.inner_text())
    assert now()["email"] is None and rows.get_by_role("button").count() == 0
    # Not to oneself.
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_role("searchbox").fill(boss.email)
    until(lambda: rows.count() == 1 and "You" in rows.inner_text())
    assert rows.get_by_role("button").count() == 0


def test_the_figures_are_those_of_the_day(signed_in, user, boss, place, close):
    page = signed_in(boss, "/figures")

    def figure(name):
        return page.locator(".figure", has_text=name).locator(".figure-value").inner_text()

    page.locator(".figure").first.wait_for()
    placed, closed = int(figure("orders placed").rstrip("+").replace(",", "")), int(figure("conversations closed"))
    close(boss, place(user))
    order = place(user)
    page.get_by_role("button", name="Count again").click()
    until(lambda: int(figure("conversations closed")) == closed + 1)
    assert int(figure("orders placed").rstrip("+").replace(",", "")) in (placed + 2, 1000)
    assert "min" in figure("median")
    page.get_by_role("link", name="wait for an answer").click()
    row(page, order).wait_for()
