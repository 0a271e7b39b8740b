"""The example of `--demo`: there once, as the first look at the console, of which the README has pictures."""

import pytest

from Harness.person import Person, ok
from Harness.ports import free_ports
from Harness.settings import ROOT, seconds
from Harness.stack import Stack, running
from Harness.waiting import until

SHOTS = ROOT / ".local" / "console"
EMAIL = "nora@orderline.example"
# The README's pictures, by name: who sees what, how wide and in which scheme.
PICTURES = {"desk": (1280, 800, "light"), "customer": (390, 780, "dark")}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with running(Stack(tmp_path_factory.mktemp("shop") / "data"), "--port", free_ports(1), "--demo") as stack:
        yield stack


@pytest.fixture(scope="module")
def nora(shop):
    person = Person(shop.gateways[0], email=EMAIL, password=shop.secrets()["DEMO_PASSWORD"])
    person.login()
    return person


@pytest.mark.processes
def test_there_is_an_order_in_each_state_once(shop, nora):
    orders = ok(nora.get("/orders"))["items"]
    assert [order["status"] for order in orders] == ["Review", "Processing", "Completed"]
    rooms = {room["orderId"]: room for room in ok(nora.get("/chat/rooms"))["items"]}
    assert all(rooms[order["id"]]["lastSeq"] >= 3 for order in orders)
    assert [rooms[order["id"]]["isOpen"] for order in orders] == [True, False, False]
    until(lambda: ok(nora.get("/orders/" + orders[2]["id"]))["status"] == "Completed")
    # Again it finds all of it there.
    before = {order["id"]: order["version"] for order in ok(nora.get("/orders"))["items"]}
    port = int(shop.gateways[0].rsplit(":", 1)[1])
    shop.down()
    shop.started("--port", port, "--demo")
    nora.login()
    assert {order["id"]: order["version"] for order in ok(nora.get("/orders"))["items"]} == before
    assert {room["orderId"]: room["lastSeq"] for room in ok(nora.get("/chat/rooms"))["items"]} == {
        order: room["lastSeq"] for order, room in rooms.items()
    }


@pytest.mark.processes
def test_whoever_has_read_nothing_gets_along(shop, nora, open_tab, sign):
    """The first walk of an Admin: an answer, a summary, the end, and the transcript; and the pictures on the way."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    known = shop.secrets()
    admin = Person(shop.gateways[0], email=known["ADMIN_EMAIL"], password=known["ADMIN_PASSWORD"])
    pages = {}
    for name, (width, height, scheme) in PICTURES.items():
        size = {"width": width, "height": height}
        page = pages[name] = open_tab("/", origin=shop.gateways[0], viewport=size, color_scheme=scheme)
        sign(page, {"desk": admin, "customer": nora}[name])
    desk, customer = pages["desk"], pages["customer"]
    desk.get_by_role("link", name="Forty oak chairs").click()
    customer.get_by_role("link", name="Forty oak chairs").click()
    for page in (desk, customer):
        page.get_by_text("would do as well").last.wait_for()
        page.get_by_text("Here now:").wait_for()
    desk.get_by_label("Message", exact=True).fill("Thirty by then: that works. I have put you on the list.")
    desk.get_by_role("button", name="Send").click()
    customer.locator(".message", has_text="that works").wait_for()
    desk.locator(".state.read").last.wait_for()
    until(lambda: desk.locator(".queue-row .badge").count() == 0)
    for name, page in pages.items():
        page.locator("body").evaluate("() => document.activeElement.blur()")
        file = SHOTS / f"readme-{name}.png"
        page.screenshot(path=file)
        assert file.stat().st_size < 200 * 1024
    desk.get_by_role("button", name="Close with a summary").click()
    desk.get_by_role("dialog").get_by_label("Summary").fill("Thirty chairs by the 24th, ten later.")
    desk.get_by_role("button", name="Close the conversation").click()
    desk.get_by_role("button", name="Complete the order").click()
    desk.get_by_role("button", name="Complete it").click()
    desk.locator(".panel-content .status", has_text="Completed").wait_for()
    with desk.expect_download() as saved:
        desk.get_by_role("button", name="Text", exact=True).click()
    assert "Thirty chairs by the 24th" in saved.value.path().read_text(encoding="utf-8")
    customer.get_by_text("This conversation is closed.").wait_for(timeout=seconds(10) * 1000)


def test_the_readme_has_pictures_that_load_soon():
    for name in PICTURES:
        file = ROOT / "docs" / "images" / f"console-{name}.png"
        assert 10 * 1024 < file.stat().st_size < 200 * 1024
        assert f"docs/images/{file.name}" in (ROOT / "README.md").read_text(encoding="utf-8")
