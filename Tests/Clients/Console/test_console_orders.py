"""The console for owners: orders that are placed, found, changed and followed."""

import json
import re

from Harness.person import ok
from Harness.waiting import until


def rows(page):
    return page.locator(".order-list li")


def fill(page, **fields):
    for label, value in fields.items():
        page.get_by_label({"description": "What is it?", "specifications": "Specifications"}.get(label, label)).fill(
            value
        )


def test_an_order_is_placed_once_however_often_it_is_clicked(signed_in, user, see):
    page = signed_in(user)
    see(page, "No orders yet")
    page.get_by_role("link", name="New order").first.click()
    page.get_by_role("heading", name="New order").wait_for()
    fill(page, description="Forty oak chairs <b>bold</b>", specifications="Oiled\nseat 45 cm")
    page.get_by_label("Quantity").fill("40")
    page.get_by_role("textbox", name="Your own references, Name 1").fill("reference")
    page.get_by_role("textbox", name="Your own references, Value 1").fill("A-17")
    page.get_by_role("textbox", name="Your own references, Name 2").fill("rush")
    page.get_by_role("textbox", name="Your own references, Value 2").fill("true")
    page.get_by_role("button", name="Place the order").evaluate("button => { button.click(); button.click(); }")
    page.evaluate("document.querySelectorAll('form .primary').forEach((each) => each.click())")
    page.get_by_role("heading", name=re.compile(r"^Order #\d+$")).wait_for()
    (order,) = ok(user.get("/orders"))["items"]
    assert order["metadata"] == {"reference": "A-17", "rush": True} and order["quantity"] == 40
    assert order["specifications"] == "Oiled\nseat 45 cm"
    # A text is a text.
    see(page, "Forty oak chairs <b>bold</b>")
    see(page, "Ann Tester placed the order")
    see(page, "Nothing has been said yet.")
    page.go_back()
    page.get_by_role("heading", name="Orders").wait_for()
    until(lambda: rows(page).count() == 1)


def test_what_is_wrong_with_an_order_stands_at_its_field(signed_in, user, see):
    page = signed_in(user, "/orders/new", refusals=True)
    page.get_by_role("button", name="Place the order").click()
    assert page.evaluate("document.activeElement.name") == "description"
    fill(page, description=" \u200b ", specifications="x" * 16_385)
    page.get_by_label("Quantity").fill("1.5")
    page.get_by_role("button", name="Place the order").click()
    see(page, "A whole number is needed.")
    page.get_by_label("Quantity").fill("1000001")
    page.get_by_role("button", name="Place the order").click()
    see(page, "From 1 to 1,000,000.")
    see(page, "Too short or too long.")
    see(page, "1 characters too many")
    assert ok(user.get("/orders"))["items"] == []
    # Rows of names and values instead of a text: what else was entered stays.
    fill(page, description="A shelf")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("textbox", name="Your own references, Name 1").fill("reference")
    page.get_by_role("textbox", name="Your own references, Value 1").fill("A-17")
    fill(page, specifications="a long text")
    page.get_by_role("button", name="Enter rows of name and value instead").click()
    assert page.get_by_label("What is it?").input_value() == "A shelf"
    assert page.get_by_role("textbox", name="Your own references, Value 1").input_value() == "A-17"
    page.get_by_role("button", name="Write a text instead").click()
    assert page.get_by_label("Specifications").input_value() == "a long text"
    page.get_by_role("button", name="Enter rows of name and value instead").click()
    for number, (name, value) in enumerate(
        [("wood", "oak"), ("height cm", "45"), ("code", "007"), ("big", "1e400")], 1
    ):
        page.get_by_role("textbox", name=f"Specifications, Name {number}").fill(name)
        page.get_by_role("textbox", name=f"Specifications, Value {number}").fill(value)
    page.get_by_role("textbox", name="Specifications, Name 5").fill("wood")
    page.get_by_role("button", name="Place the order").click()
    see(page, "A name stands twice.")
    page.get_by_role("textbox", name="Specifications, Name 5").fill("")
    # What was entered outlives the page.
    page.reload()
    page.get_by_label("What is it?").wait_for()
    see(page, "What you had written before is here again.")
    assert page.get_by_label("What is it?").input_value() == "A shelf"
    assert page.get_by_role("textbox", name="Specifications, Value 4").input_value() == "1e400"
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name=re.compile(r"^Order #")).wait_for()
    page.goto(f"{page.url.split('#')[0]}#/orders/new")
    page.get_by_role("heading", name="New order").wait_for()
    assert page.get_by_label("What is it?").input_value() == ""
    (order,) = ok(user.get("/orders"))["items"]
    # Numbers are numbers where they stay the same, and texts where they would not.
    assert order["specifications"] == {"wood": "oak", "height cm": 45, "code": "007", "big": "1e400"}


def test_an_answer_that_is_lost_places_no_second_order(signed_in, user, see):
    page = signed_in(user, "/orders/new", refusals=True)
    lost = []

    def lose(route):
        if route.request.method == "POST":
            lost.append(route.request.headers["idempotency-key"])
        if len(lost) == 1:
            # The gateway has it; the browser never hears.
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/orders", lose)
    fill(page, description="Once", specifications="only")
    page.get_by_role("button", name="Place the order").click()
    page.get_by_role("heading", name=re.compile(r"^Order #")).wait_for()
    assert len(lost) >= 2 and len(set(lost)) == 1
    assert len(ok(user.get("/orders"))["items"]) == 1


def test_orders_are_found_by_what_stands_in_the_address(signed_in, user, admin, place, close, word):
    one, other = word(), word()
    first, second = place(user, description=f"Chairs {one}"), place(user, description=f"Tables {other}")
    for _ in range(21):
        place(user)
    close(admin, second)
    until(lambda: ok(user.get(f"/orders/{second['id']}"))["status"] == "Processing")
    page = signed_in(user, "/orders")
    until(lambda: rows(page).count() == 20)
    page.get_by_role("button", name="Show older ones").click()
    until(lambda: rows(page).count() == 23)
    page.get_by_role("searchbox").fill(one.upper())
    until(lambda: rows(page).count() == 1 and f"#{first['number']}" in rows(page).inner_text())
    assert f"q={one.upper()}" in page.url
    assert page.evaluate("document.activeElement.type") == "search"
    page.get_by_role("searchbox").fill("")
    page.get_by_role("link", name="Processing", exact=True).click()
    until(lambda: rows(page).count() == 1 and f"#{second['number']}" in rows(page).inner_text())
    assert page.get_by_role("link", name="Processing", exact=True).get_attribute("aria-current") == "true"
    rows(page).get_by_role("link").click()
    page.get_by_role("heading", name=f"Order #{second['number']}").wait_for()
    page.go_back()
    until(lambda: rows(page).count() == 1)
    assert page.url.endswith("#/orders?status=Processing")
    # The address is all that is needed.
    twin = page.context.new_page()
    twin.goto(page.url)
    until(lambda: rows(twin).count() == 1 and f"#{second['number']}" in rows(twin).inner_text())
    page.get_by_label("To").fill("2020-01-01")
    page.get_by_text("No order is like that.").wait_for()
    assert "to=2020-01-01" in page.url
    page.get_by_role("link", name="All").last.click()
    until(lambda: rows(page).count() == 20)


def test_the_list_shows_what_is_unread_and_what_was_said_last(signed_in, user, admin, place, say):
    order = place(user)
    page = signed_in(user)
    until(lambda: "No messages yet" in rows(page).inner_text())
    say(admin, order, "When do you need\nthem?")
    # Nothing is reloaded.
    until(lambda: "When do you need them?" in rows(page).inner_text(), 20)
    rows(page).get_by_text("One unread message").wait_for(state="attached")
    until(lambda: page.title().startswith("(1) "))
    rows(page).get_by_role("link").click()
    page.get_by_text("When do you need").wait_for()
    until(lambda: ok(user.get(f"/chat/rooms/{order['id']}"))["unread"] == 0)
    page.get_by_role("link", name="All orders").click()
    until(lambda: rows(page).count() == 1 and rows(page).locator(".badge").count() == 0)
    until(lambda: page.title() == "Orders · Orderline")


def test_an_order_is_changed_while_it_is_in_review(signed_in, user, admin, place, close, see):
    order = place(user, specifications={"wood": "oak", "cuts": [1, 2.5]}, metadata={"reference": 7})
    page = signed_in(user, f"/orders/view?id={order['id']}")
    page.get_by_role("link", name="Change the order").click()
    page.get_by_role("heading", name="Change the order").wait_for()
    assert page.get_by_role("textbox", name="Specifications, Value 2").input_value() == "[1,2.5]"
    page.get_by_label("Quantity").fill("41")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name=f"Order #{order['number']}").wait_for()
    see(page, "Ann Tester changed: Quantity")
    now = ok(user.get(f"/orders/{order['id']}"))
    assert now["quantity"] == 41 and now["specifications"] == order["specifications"]
    assert now["metadata"] == order["metadata"] and now["version"] == 2
    # What changes nothing makes no version.
    page.get_by_role("link", name="Change the order").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name=f"Order #{order['number']}").wait_for()
    assert ok(user.get(f"/orders/{order['id']}"))["version"] == 2
    close(admin, order)
    # It cannot be changed any more, and nothing was reloaded to know it.
    page.get_by_role("link", name="Change the order").wait_for(state="detached")
    see(page, "Review → Processing")
    page.goto(f"{page.url.split('#')[0]}#/orders/edit?id={order['id']}")
    see(page, "it cannot be changed")


def test_a_change_that_was_made_meanwhile_is_shown(signed_in, user, place, see):
    order = place(user)
    page = signed_in(user, f"/orders/edit?id={order['id']}", refusals=True)
    page.get_by_label("What is it?").fill("Fifty oak chairs")
    ok(user.patch(f"/orders/{order['id']}", json={"quantity": 50, "specifications": "Waxed"}))
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="It was changed meanwhile")
    dialog.wait_for()
    assert "Waxed" in dialog.inner_text() and "Fifty oak chairs" in dialog.inner_text()
    # It moves on once more before it is decided.
    ok(user.patch(f"/orders/{order['id']}", json={"quantity": 60}))
    dialog.get_by_role("button", name="Save mine on top").click()
    until(lambda: "60" in page.get_by_role("dialog").inner_text())
    page.get_by_role("dialog").get_by_role("button", name="Save mine on top").click()
    page.get_by_role("heading", name=f"Order #{order['number']}").wait_for()
    now = ok(user.get(f"/orders/{order['id']}"))
    assert (now["description"], now["quantity"], now["specifications"]) == ("Fifty oak chairs", 60, "Waxed")
    # Or what was written here is given up.
    page.goto(f"{page.url.split('#')[0]}#/orders/edit?id={order['id']}")
    page.get_by_label("What is it?").fill("Nothing")
    ok(user.patch(f"/orders/{order['id']}", json={"quantity": 70}))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Discard mine").click()
    until(lambda: page.get_by_label("Quantity").input_value() == "70")
    assert page.get_by_label("What is it?").input_value() == "Fifty oak chairs"
    # What was kept over a reload was written over the order of then.
    page.get_by_label("What is it?").fill("Sixty oak chairs")
    ok(user.patch(f"/orders/{order['id']}", json={"description": "Changed elsewhere"}))
    page.reload()
    page.get_by_label("What is it?").wait_for()
    assert page.get_by_label("What is it?").input_value() == "Sixty oak chairs"
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog", name="It was changed meanwhile").get_by_text("Changed elsewhere").first.wait_for()
    assert ok(user.get(f"/orders/{order['id']}"))["description"] == "Changed elsewhere"


def test_the_transcript_is_saved_in_each_form(signed_in, user, admin, place, say, close):
    order = place(user)
    say(user, order, "=1+1 <b>")
    close(admin, order, "Agreed: Friday.")
    page = signed_in(user, f"/orders/view?id={order['id']}")
    found = {}
    for name in ("Text", "Table (CSV)", "JSON"):
        with page.expect_download() as saved:
            page.get_by_role("button", name=name).click()
        file = saved.value
        found[file.suggested_filename] = file.path().read_text(encoding="utf-8")
    begin = f"order-{order['number']}-transcript"
    assert set(found) == {f"{begin}.txt", f"{begin}.csv", f"{begin}.json"}
    assert "End of the transcript" in found[f"{begin}.txt"] and "'=1+1 <b>" in found[f"{begin}.csv"]
    assert [each["seq"] for each in json.loads(found[f"{begin}.json"])["messages"]] == [1, 2]


def test_somebody_elses_order_and_none_say_so(signed_in, user, other, place, see):
    order = place(other)
    page = signed_in(user, f"/orders/view?id={order['id']}", refusals=True)
    see(page, "You may not do that.")
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id=nothing")
    see(page, "There is no such order.")
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id=00000000-0000-7000-8000-000000000000")
    see(page, "It is not there any more.")
    # Either case is an id, and what comes is seen; anything else asks for nothing else.
    mine = place(user)
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id={mine['id'].upper()}")
    page.get_by_label("Message", exact=True).fill("hello")
    page.get_by_label("Message", exact=True).press("Enter")
    page.locator(".history .message.mine:not(.pending)", has_text="hello").wait_for()
    page.goto(f"{page.url.split('#')[0]}#/orders/view?id=stats%3F")
    see(page, "There is no such order.")
    # The desk is not for everybody.
    page.goto(f"{page.url.split('#')[0]}#/desk")
    page.get_by_role("heading", name="Orders").wait_for()


def test_no_order_is_so_written_that_nobody_can_open_it(signed_in, user, place, see):
    hostile = "https://a/" + ")" * 8_000 + "." * 8_000 + "x"
    order = place(user, specifications=hostile)
    for number in range(40):
        text = hostile if number % 2 else "short"
        ok(user.patch(f"/orders/{order['id']}", json={"specifications": text, "quantity": number + 1}))
    page = signed_in(user, f"/orders/view?id={order['id']}")
    timeline = page.locator(".timeline > li")
    until(lambda: timeline.count() == 31)
    # What is not looked at is not there.
    assert page.locator(".timeline .difference").count() == 0
    timeline.first.get_by_text("What changed").click()
    timeline.first.locator(".difference").first.wait_for()
    page.get_by_role("button", name="Show older ones").click()
    until(lambda: timeline.count() == 41)
    see(page, "Ann Tester placed the order")
    # What comes while it is open is told, not at once each time.
    for number in range(5):
        ok(user.patch(f"/orders/{order['id']}", json={"quantity": 100 + number}))
    until(lambda: page.get_by_text("104", exact=True).count() == 1)
    until(lambda: timeline.count() == 46, 20)
