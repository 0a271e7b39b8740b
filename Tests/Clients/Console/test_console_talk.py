"""The console's conversation: history of any length, sending, drafts, and connections that do not hold."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from urllib.parse import urlsplit

from Harness.meddler import Meddler
from Harness.person import ok
from Harness.waiting import until

MANY = 10_000
# The seqs of the rows that can be seen, from the top, each with where it stands.
SEEN = """() => {
  const frame = document.querySelector(".history").getBoundingClientRect();
  return [...document.querySelectorAll(".history li[data-seq]")]
    .map((row) => ({ row, box: row.getBoundingClientRect() }))
    .map(({ row, box }) => [Number(row.dataset.seq), box.top - frame.top, box.bottom - frame.top, row.className])
    .filter(([, top, bottom]) => bottom > 0 && top < frame.height);
}"""


def filled(person, order, count, lines=8):
    """Says `count` things in a room, in whatever order, over several connections."""
    with ThreadPoolExecutor(lines) as pool:
        for done in [pool.submit(said_in_one_go, person, order, range(1 + n, count + 1, lines)) for n in range(lines)]:
            done.result()


def said_in_one_go(person, order, numbers):
    """Many requests without waiting for their answers (RFC 9112, 9.3.2)."""
    address = urlsplit(person.base)
    with socket.create_connection((address.hostname, address.port), timeout=60) as line:
        answers = line.makefile("rb")
        for start in range(0, len(numbers), 50):
            batch = numbers[start : start + 50]
            for number in batch:
                # Of different heights, so that guessing them does not do.
                body = f'{{"content":"message {number}{" and more of it" * (number * 7 % 23)}"}}'
                head = f"POST /api/v1/chat/rooms/{order['id']}/messages HTTP/1.1\r\nHost: {address.netloc}\r\n"
                head += f"Authorization: Bearer {person.token}\r\nContent-Type: application/json\r\n"
                line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            for _ in batch:
                assert b" 201 " in answers.readline()
                while (field := answers.readline()) != b"\r\n":
                    if field.lower().startswith(b"content-length"):
                        length = int(field.split(b":")[1])
                answers.read(length)


def opened(signed_in, person, order, **options):
    page = signed_in(person, f"/orders/view?id={order['id']}", **options)
    page.locator(".talk .composer, .talk .closed").first.wait_for()
    return page


def write(page, text):
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_label("Message", exact=True).press("Enter")


def said(page):
    """The messages that are there, with the state of one's own."""
    return page.locator(".history li").evaluate_all(
        """rows => rows.map((row) =>
          [row.querySelector(".content")?.textContent, row.querySelector(".state")?.className ?? ""])"""
    )


def whole(page):
    """Scrolls nothing and waits for what is seen to be known and at rest."""

    def settled():
        seen = page.evaluate(SEEN)
        return not any("unknown" in row[3] for row in seen) and seen

    return until(settled, 20)


def test_ten_thousand_messages_are_scrolled(signed_in, user, admin, place):
    order = place(user)
    filled(user, order, MANY)
    page = opened(signed_in, user, order)
    until(lambda: page.evaluate(SEEN) and page.evaluate(SEEN)[-1][0] == MANY)
    history = page.locator(".history")
    history.hover()
    lasting = page.locator(".history li[data-seq]")
    # Upward, page by page: what is seen stays where it is, whatever turns out to be above it.
    for _ in range(25):
        whole(page)
        # Where each ends: one whose sender turns out to be that of the one above has its name taken from its top.
        before = {row[0]: row[2] for row in page.evaluate(SEEN)}
        page.mouse.wheel(0, -300)
        until(lambda before=before: page.evaluate(SEEN)[-1][2] != before.get(page.evaluate(SEEN)[-1][0]))
        now = whole(page)
        seqs = [row[0] for row in now]
        assert seqs == list(range(seqs[0], seqs[-1] + 1))
        both = [before[seq] + 300 - bottom for seq, _, bottom, _ in now if seq in before]
        assert both and max(abs(each) for each in both) < 2, both
        # Rows touch one another: no gap and no overlap.
        assert all(abs(one[2] - other[1]) < 1.5 for one, other in pairwise(now))
        assert lasting.count() < 120
    assert seqs[0] > MANY - 1000
    # To the beginning, at once, and somewhere in the middle.
    history.focus()
    page.keyboard.press("Home")
    until(lambda: (page.evaluate(SEEN) or [[0]])[0][0] == 1)
    now = whole(page)
    assert now[0][0] == 1 and page.locator(".day").first.is_visible()
    history.evaluate("element => { element.scrollTop = element.scrollHeight / 2; }")
    until(lambda: MANY * 0.3 < (page.evaluate(SEEN) or [[0]])[0][0] < MANY * 0.7)
    middle = whole(page)
    first = middle[0][0]
    (stored,) = ok(user.get(f"/chat/rooms/{order['id']}/messages?after={first - 1}&limit=1"))["items"]
    assert page.locator(f"li[data-seq='{first}'] .content").text_content() == stored["content"]
    # It says that something new is there, and leads to it.
    ok(admin.post(f"/chat/rooms/{order['id']}/messages", json={"content": "Are you there?"}), 201)
    page.get_by_role("button", name="One new message").wait_for()
    assert page.evaluate(SEEN)[0][0] == first
    page.get_by_role("button", name="One new message").click()
    until(lambda: page.evaluate(SEEN)[-1][0] == MANY + 1)
    assert page.get_by_role("button", name="To the end").count() == 0
    assert lasting.count() < 120


def test_the_first_unread_message_is_marked_and_shown(signed_in, user, admin, place, say):
    order = place(user)
    for number in range(150):
        say(admin, order, f"message {number}")
    ok(user.post(f"/chat/rooms/{order['id']}/read", json={"seq": 30}), 204)
    page = opened(signed_in, user, order)
    line = page.locator("li[data-seq='31'] .unread-line")
    line.wait_for()
    assert line.is_visible() and page.locator(".unread-line").count() == 1
    seen = [row[0] for row in whole(page)]
    assert 31 in seen and seen[-1] < 60
    # What was not seen is not read, and what was is.
    until(lambda: 90 < ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] < 120)
    page.get_by_role("button", name="To the end").click()
    until(lambda: ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] == 0)


def test_texts_are_texts_and_addresses_lead_away(signed_in, user, admin, place, say):
    order = place(user)
    hostile = "<img src=x onerror=alert(1)> <script>alert(1)</script> &amp; javascript:alert(1)"
    links = "See (https://example.com/a_(b)), https://example.com/c?d=1&e=2. Not http:// nor ftp://x."
    right = "مرحبا بكم 12 <b>"
    longest = "\U0001f469\u200d\U0001f680 " * 1000
    for text in (hostile, links, right, longest, "one\n\n  two\ttabs"):
        say(admin, order, text)
    page = opened(signed_in, user, order, viewport={"width": 390, "height": 3_000})
    until(lambda: page.locator(".history li").count() == 5)
    assert [text for text, _ in said(page)] == [hostile, links, right, longest, "one\n\n  two\ttabs"]
    assert page.locator(".history img, .history script").count() == 0
    addresses = page.locator(".history a").evaluate_all("all => all.map((each) => [each.href, each.rel, each.target])")
    assert [each[0] for each in addresses] == ["https://example.com/a_(b)", "https://example.com/c?d=1&e=2"]
    assert all("noopener" in rel and "noreferrer" in rel and target == "_blank" for _, rel, target in addresses)
    arabic = page.locator(".content", has_text="مرحبا")
    assert arabic.evaluate("element => element.matches(':dir(rtl)')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_too_long_is_counted_and_not_sent(signed_in, user, place):
    order = place(user)
    page = opened(signed_in, user, order)
    box = page.get_by_label("Message", exact=True)
    box.fill("x" * 3_500)
    assert page.get_by_text("characters left").count() == 0
    box.fill("\U0001f469" * 3_990)
    page.get_by_text("10 characters left").wait_for()
    box.fill("x" * 4_001)
    page.get_by_text("1 characters too many").wait_for()
    box.press("Enter")
    box.fill(" \n\u200b ")
    box.press("Enter")
    box.fill("\U0001f469" * 4_000)
    box.press("Enter")
    page.locator(".state.sent").wait_for()
    (message,) = ok(user.get(f"/chat/rooms/{order['id']}/messages"))["items"]
    assert len(message["content"]) == 4_000


def test_a_draft_is_kept_for_each_order(signed_in, user, place, see, sign):
    one, other = place(user), place(user)
    page = opened(signed_in, user, one, refusals=True)
    page.get_by_label("Message", exact=True).fill("half a thought")
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id={other['id']}")
    page.get_by_role("heading", name=f"Order #{other['number']}").wait_for()
    assert page.get_by_label("Message", exact=True).input_value() == ""
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id={one['id']}")
    page.get_by_role("heading", name=f"Order #{one['number']}").wait_for()
    assert page.get_by_label("Message", exact=True).input_value() == "half a thought"
    page.reload()
    page.get_by_label("Message", exact=True).wait_for()
    assert page.get_by_label("Message", exact=True).input_value() == "half a thought"
    # A session that is ended elsewhere says why, and keeps it.
    for session in ok(user.get("/auth/sessions"))["items"]:
        if not session["current"]:
            ok(user.delete(f"/auth/sessions/{session['id']}"), 204)
    see(page, "This session was ended from elsewhere.")
    sign(page, user)
    page.get_by_label("Message", exact=True).wait_for()
    assert page.get_by_label("Message", exact=True).input_value() == "half a thought"
    write(page, "a whole thought")
    page.locator(".state.sent").wait_for()
    page.reload()
    page.locator(".message.mine").wait_for()
    assert page.get_by_label("Message", exact=True).input_value() == ""


def test_what_cannot_be_sent_is_kept_until_one_decides(signed_in, user, admin, place, close, see):
    order = place(user)
    page = opened(signed_in, user, order, refusals=True)
    # The room closes between the writing and the sending: the server refuses.
    held = []

    def hold(route):
        held.append(route)

    page.route("**/messages", hold)
    write(page, "too late")
    see(page, "Sending …")
    page.get_by_label("Message", exact=True).fill("and half a thought")
    until(lambda: held)
    close(admin, order)
    # What was being written is shown, though it has no place any more.
    see(page, "What you were writing was not sent:")
    assert page.locator(".unsent").get_by_text("and half a thought").is_visible()
    assert page.evaluate("document.activeElement.className") == "closed-line"
    held[0].continue_()
    page.unroute("**/messages")
    see(page, "Not sent. The conversation has been closed.")
    page.reload()
    see(page, "Not sent. The conversation has been closed.")
    page.get_by_role("button", name="Try again").click()
    until(lambda: page.locator(".state.failed").count() == 1)
    assert page.locator(".message.summary").count() == 1
    page.locator(".message.pending").get_by_role("button", name="Discard").click()
    until(lambda: page.locator(".message.pending").count() == 0)
    page.reload()
    page.locator(".message.summary").wait_for()
    assert page.locator(".message.pending").count() == 0
    assert len(ok(user.get(f"/chat/rooms/{order['id']}/messages"))["items"]) == 1


def test_a_short_cut_is_not_noticed_and_a_long_one_is_told(signed_in, gateway, chance, user, admin, place, say, see):
    order = place(user)
    with Meddler(gateway, chance) as meddler:
        page = opened(signed_in, user, order, refusals=True, origin=meddler.origin)
        write(page, "before")
        page.locator(".state.sent").wait_for()
        # As when a gateway restarts.
        page.evaluate(
            "window.told = []; new MutationObserver(() => told.push(document.querySelector('#connection').textContent))"
            ".observe(document.querySelector('#connection'), { childList: true, subtree: true })"
        )
        meddler.cut()
        write(page, "during")
        say(admin, order, "from elsewhere")
        until(lambda: page.locator(".message.theirs", has_text="from elsewhere").count() == 1)
        until(lambda: page.locator(".message.pending").count() == 0)
        assert page.evaluate("told") == []
        meddler.is_away = True
        meddler.cut()
        write(page, "one")
        write(page, "two")
        see(page, "Reconnecting …")
        assert [text for text, state in said(page) if "sending" in state] == ["one", "two"]
        for number in range(30):
            say(admin, order, f"meanwhile {number}")
        # The page is left while they are on their way.
        meddler.is_away = False
        page.reload()
        page.locator(".talk .composer").wait_for()
        until(lambda: page.locator(".message.pending").count() == 0)
        # What was missed is marked, and all there.
        page.locator(".unread-line").wait_for()
        page.get_by_role("button", name="To the end").click()
        see(page, "meanwhile 29")
        meddler.is_away = True
        meddler.cut()
        see(page, "What you see may be old.")
        say(admin, order, "the last")
        meddler.is_away = False
        see(page, "Connected again.")
        page.locator(".message.theirs", has_text="the last").wait_for()
        until(lambda: page.locator("#connection").inner_text() == "")
    stored = [each["content"] for each in ok(user.get(f"/chat/rooms/{order['id']}/messages?limit=100"))["items"]]
    for text in ("before", "during", "one", "two"):
        assert stored.count(text) == 1
    assert stored.index("one") < stored.index("two")


def test_two_windows_of_one_user_agree(signed_in, user, admin, place, say):
    order = place(user)
    page = opened(signed_in, user, order)
    twin = page.context.new_page()
    twin.goto(page.url.split("#")[0] + "#/orders")
    twin.locator(".order-list li").wait_for()
    page.bring_to_front()
    say(admin, order, "hello")
    page.locator(".message.theirs", has_text="hello").wait_for()
    until(lambda: ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] == 0)
    twin.bring_to_front()
    twin.get_by_text("Admin: hello").wait_for(timeout=20_000)
    until(lambda: twin.locator(".badge").count() == 0, 20)
    # What is sent in one is in the other, once.
    twin.goto(page.url)
    twin.get_by_label("Message", exact=True).wait_for()
    write(twin, "from the twin")
    for each in (page, twin):
        each.locator(".message.mine", has_text="from the twin").wait_for()
    until(lambda: [text for text, _ in said(page)].count("from the twin") == 1)
    until(lambda: [text for text, _ in said(twin)].count("from the twin") == 1)


def test_new_messages_are_announced(signed_in, user, admin, place, say):
    order = place(user)
    page = opened(signed_in, user, order)
    say(admin, order, "Listen <b>")
    until(lambda: page.locator(".talk [aria-live=polite]").inner_text() == "Admin: Listen <b>")
    assert page.get_by_role("region", name="Messages").get_attribute("tabindex") == "0"
    assert re.match(r"\w+, \d+ \w+ \d{4}", page.locator(".day").inner_text())


def test_what_was_written_is_sent_though_one_goes_elsewhere(signed_in, gateway, chance, user, place, see):
    one, other = place(user), place(user)
    with Meddler(gateway, chance) as meddler:
        page = opened(signed_in, user, one, refusals=True, origin=meddler.origin)
        meddler.is_away = True
        meddler.cut()
        write(page, "first")
        write(page, "second")
        page.goto(f"{page.url.split('#')[0]}#/orders")
        page.get_by_text("Reconnecting …").wait_for()
        meddler.is_away = False
        until(lambda: ok(user.get(f"/chat/rooms/{one['id']}"))["lastSeq"] == 2, 30)
        # A list says what waits, and signing out asks.
        page.locator(f"a[href='#/orders/view?id={other['id']}']").click()
        page.get_by_label("Message", exact=True).wait_for()
        meddler.is_away = True
        meddler.cut()
        write(page, "third")
        page.get_by_role("link", name="All orders").click()
        page.get_by_text("Not sent yet").wait_for()
        page.get_by_role("button", name="Sign out").click()
        dialog = page.get_by_role("dialog", name="Sign out with unsent messages?")
        dialog.get_by_role("button", name="Cancel").click()
        meddler.is_away = False
        page.get_by_text("Not sent yet").wait_for(state="detached", timeout=30_000)
    said_ = [each["content"] for each in ok(user.get(f"/chat/rooms/{one['id']}/messages"))["items"]]
    assert said_ == ["first", "second"]
    assert ok(user.get(f"/chat/rooms/{other['id']}"))["lastSeq"] == 1


def test_nothing_is_read_that_is_not_shown(signed_in, user, admin, place, say):
    order = place(user)
    page = opened(signed_in, user, order, viewport={"width": 390, "height": 800})
    page.get_by_role("button", name="Order", exact=True).click()
    page.get_by_text("What was ordered").wait_for()
    say(admin, order, "Do you see this?")
    # It has come: the live region has it.
    until(lambda: "Do you see this?" in page.locator(".talk [aria-live=polite]").text_content())
    page.wait_for_timeout(1_000)
    assert ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] == 1
    page.get_by_role("button", name="Conversation", exact=True).click()
    until(lambda: ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] == 0)


def test_the_place_is_kept_when_the_window_changes(signed_in, user, place):
    order = place(user)
    filled(user, order, 300)
    page = opened(signed_in, user, order, viewport={"width": 1200, "height": 800})
    until(lambda: page.evaluate(SEEN) and page.evaluate(SEEN)[-1][0] == 300)
    page.locator(".history").evaluate("element => { element.scrollTop = element.scrollHeight / 2; }")
    until(lambda: 50 < (page.evaluate(SEEN) or [[0]])[0][0] < 250)
    first = whole(page)[0][0]
    for width in (700, 420, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        until(lambda: any(abs(row[0] - first) <= 1 for row in page.evaluate(SEEN)))
        whole(page)
        assert any(abs(row[0] - first) <= 1 for row in page.evaluate(SEEN)), (width, first)
    # At the end it stays at the end.
    page.get_by_role("button", name="To the end").click()
    until(lambda: page.evaluate(SEEN)[-1][0] == 300)
    page.set_viewport_size({"width": 500, "height": 500})
    until(lambda: page.evaluate(SEEN)[-1][0] == 300 and page.evaluate(SEEN)[-1][2] <= 500)


def test_what_was_read_before_is_known_when_one_comes_back(signed_in, user, admin, place, say):
    order = place(user)
    say(user, order, "one")
    say(user, order, "two")
    ok(admin.post(f"/chat/rooms/{order['id']}/read", json={"seq": 1}), 204)
    page = opened(signed_in, user, order)
    page.locator("li[data-seq='1'] .state.read").wait_for(state="attached")
    assert page.locator("li[data-seq='2'] .state.sent").count() == 1
