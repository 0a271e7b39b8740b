"""What holds for every view of the console: everybody can use it, it is small and strict, and speaks two languages."""

import json
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe

from Harness.person import ok, order_body
from Harness.ports import free_ports
from Harness.settings import ROOT, seconds
from Harness.stack import Stack, running
from Harness.waiting import until

CLIENT = ROOT / "Services" / "Gateway" / "Service" / "Web" / "Client" / "orderline.js"
SOURCES = CLIENT.parents[1] / "Console"
SHOTS = ROOT / ".local" / "console"


@pytest.fixture(scope="module")
def shop(make_user, make_admin):
    """A customer with orders in every state, one that talks, and an Admin; the same for every picture."""
    nora, ada = make_user(name="Nora Nielsen"), make_admin(name="Ada Adams")

    def place(**fields):
        return ok(nora.post("/orders", json=order_body(**fields)), 201)

    def say(person, order, text):
        ok(person.post(f"/chat/rooms/{order['id']}/messages", json={"content": text}), 201)

    done, agreed, talked, new = (
        place(description="A bench for the garden"),
        place(description="Two long tables, extending"),
        place(
            description="Forty oak chairs",
            specifications={"wood": "oak", "seat height cm": 45},
            metadata={"ref": "A-17"},
        ),
        place(description="A shelf as in the drawing, three boards, oiled twice", quantity=3),
    )
    say(nora, talked, "When could we have them? The drawing is at https://example.com/drawing.pdf")
    say(ada, talked, "Forty is no small number. I will ask the workshop and tell you today.")
    say(nora, talked, "Thank you!\nFriday would be best.")
    for order in (done, agreed):
        say(nora, order, "Is oak possible?")
        say(ada, order, "It is.")
        ok(ada.post(f"/chat/rooms/{order['id']}/close", json={"summary": "Oak, oiled, delivered in week 50."}))
        until(lambda order=order: ok(nora.get(f"/orders/{order['id']}"))["status"] == "Processing")
    ok(ada.patch(f"/orders/{done['id']}/status", json={"status": "Completed"}))
    return SimpleNamespace(nora=nora, ada=ada, done=done, agreed=agreed, talked=talked, new=new)


@pytest.fixture(params=["light-1440", "light-390", "dark-1440", "dark-390", "light-320"])
def look(request, open_tab):
    """Opens a window of this scheme and width, and has each view looked at there."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    scheme, width = request.param.split("-")
    width = int(width)
    # The checker puts a script of its own into the page.
    page = open_tab(
        "/sign-in", refusals=True, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )

    def at(name):
        found = Axe().run(page).response["violations"]
        assert not found, [(name, each["id"], [node["target"] for node in each["nodes"]]) for each in found]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=SHOTS / f"{name}-{request.param}.png", full_page=True)

    def go(place, text):
        page.goto(page.url.split("#")[0] + "#" + place)
        page.get_by_text(text).locator("visible=true").first.wait_for()

    return SimpleNamespace(page=page, at=at, go=go)


def test_everybody_can_sign_in_and_keep_an_account(look, user, sign):
    page = look.page
    look.at("sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Needed.").first.wait_for()
    look.at("sign-in-refused")
    page.get_by_role("link", name="Make one").click()
    page.get_by_role("heading", name="Make an account").wait_for()
    look.at("register")
    look.go("/sign-in", "No account yet?")
    sign(page, user)
    page.get_by_text("No orders yet").wait_for()
    look.at("orders-empty")
    look.go("/account", "This one")
    look.at("account")
    page.get_by_role("region", name="Second factor").get_by_label("Current password", exact=True).fill(user.password)
    page.get_by_role("button", name="Set it up").click()
    page.get_by_text("Enter this secret").wait_for()
    look.at("account-factor")
    look.go("/nowhere", "There is no such page")
    look.at("nowhere")


def test_everybody_can_be_a_customer(look, shop, sign):
    page = look.page
    sign(page, shop.nora)
    page.get_by_text("week 50").first.wait_for()
    look.at("orders")
    look.go("/orders?q=nothing-like-it", "No order is like that.")
    look.at("orders-none")
    look.go("/orders/new", "Place the order")
    page.get_by_role("button", name="Place the order").click()
    look.at("order-new")
    page.get_by_role("button", name="Enter rows").click()
    look.at("order-new-rows")
    look.go(f"/orders/view?id={shop.talked['id']}", "Friday would be best.")
    page.locator(".message.mine .state").first.wait_for()
    look.at("order")
    if page.get_by_role("button", name="Order", exact=True).is_visible():
        page.get_by_role("button", name="Order", exact=True).click()
        page.get_by_text("What was ordered").wait_for()
        look.at("order-facts")
    look.go(f"/orders/view?id={shop.done['id']}", "This conversation is closed.")
    look.at("order-closed")
    look.go("/orders/view?id=00000000-0000-7000-8000-000000000000", "This conversation cannot be shown")
    look.at("order-nowhere")


def test_everybody_can_be_an_admin(look, shop, sign):
    page = look.page
    sign(page, shop.ada)
    # Among the orders of all other tests, those of this one.
    look.go("/desk?q=Nora%20Nielsen", "Forty oak chairs")
    page.get_by_text("Thank you!").first.wait_for()
    look.at("desk")
    look.go(f"/desk?q=Nora%20Nielsen&order={shop.talked['id']}", "Friday would be best.")
    page.locator(".composer").wait_for()
    look.at("desk-order")
    if page.get_by_role("button", name="Order", exact=True).is_visible():
        page.get_by_role("button", name="Order", exact=True).click()
    page.get_by_role("button", name="Close with a summary").click()
    page.get_by_role("dialog").get_by_label("Summary").fill("Forty chairs, oak, on Friday.")
    look.at("desk-close")
    page.keyboard.press("Escape")
    look.go("/desk?q=nothing-like-it", "Nothing was found.")
    look.at("desk-none")
    look.go("/figures", "wait for an answer")
    look.at("figures")
    look.go("/users?q=Nora%20Nielsen", "Sign out everywhere")
    look.at("users")
    page.get_by_role("button", name=re.compile("^Delete")).first.click()
    look.at("users-delete")


def test_it_is_used_by_the_keyboard_alone(open_tab, user):
    page = open_tab()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("heading", name="Sign in").wait_for()
    for _ in range(8):
        if page.evaluate("document.activeElement.name") == "email":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(user.password)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Orders").wait_for()
    page.get_by_text("No orders yet").wait_for()
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
    files = {name.removeprefix(gateway) for name in names if "/console/" in name}
    assert len(files) == len([*SOURCES.glob("*.js"), *SOURCES.glob("*.css")]) + 1
    for file in files:
        answer = anonymous.get(file, prefix="")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Vary"] == "Accept-Encoding"
        plain = anonymous.get(file, prefix="", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers and plain.content == answer.content
        assert plain.headers["ETag"] != answer.headers["ETag"]
    # All of the first visit as it travels, heads included.
    entries = "['resource', 'navigation'].flatMap((kind) => performance.getEntriesByType(kind))"
    sizes = page.evaluate(f"{entries}.map((each) => each.transferSize)")
    assert 20 * 1024 < sum(sizes) <= 100 * 1024, sum(sizes)
    # A page of another version is served what there is, which is not to be kept.
    older = anonymous.get("/console/older/console.js", prefix="")
    assert older.status_code == 200 and older.headers["Cache-Control"] == "no-cache"
    assert anonymous.get("/console/older/nothing.js", prefix="").status_code == 404


def test_it_is_there_soon_and_stays_in_place(open_tab, signed_in, shop):
    page = open_tab()
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    bare = page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
    print(f"first paint {paint:.0f} ms, page received {bare:.0f} ms")
    shifts = """() => new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const each of list.getEntries()) if (!each.hadRecentInput) sum += each.value;
      }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(sum), 300);
    })"""
    for person, place in (
        (shop.nora, "/orders"),
        (shop.nora, f"/orders/view?id={shop.talked['id']}"),
        (shop.ada, "/desk"),
    ):
        page = signed_in(person, place)
        page.reload()
        page.get_by_text("Nora Nielsen").or_(page.get_by_text("Ada Adams")).first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate(shifts) < 0.1, place


def test_there_is_something_to_read_in_the_lowest_window(signed_in, shop):
    """WCAG 2.2, 1.4.10: 1280 by 1024 at 400 %."""
    for person, place in (
        (shop.nora, f"/orders/view?id={shop.talked['id']}"),
        (shop.ada, f"/desk?order={shop.talked['id']}"),
    ):
        page = signed_in(person, place, viewport={"width": 320, "height": 256})
        message = page.locator(".message", has_text="Friday would be best.")
        message.wait_for()
        message.scroll_into_view_if_needed()
        assert page.locator(".history").bounding_box()["height"] > 200
        page.get_by_label("Message", exact=True).evaluate("element => element.scrollIntoView({ block: 'center' })")
        box = page.get_by_label("Message", exact=True).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 256
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


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
    # What is said is there, and what is there is said.
    sources = {file.name: file.read_text(encoding="utf-8") for file in SOURCES.glob("*.js") if file.name != "texts.js"}
    whole = "\n".join(sources.values()) + text.split("/** @type", 2)[-1].rsplit("};", 1)[-1]
    used = set(re.findall(r"\bt\(\"([\w.-]+)\"", whole))
    used |= {each for pair in re.findall(r"\bt\([^()]* \? \"([\w.-]+)\" : \"([\w.-]+)\"", whole) for each in pair}
    assert used <= set(english), used - set(english)
    begun = set(re.findall(r"`([\w.-]+\.)\$\{", whole)) | {
        f"{kind}." for kind in re.findall(r"\btOr\(\"([\w.]+)\"", whole)
    }
    begun |= {"status.", "users.", "desk.sort.", "error.", "fault.", "keys."}
    quoted = set(re.findall(r"\"([\w.-]+)\"", whole))
    idle = [key for key in english if key not in used | quoted and not any(key.startswith(each) for each in begun)]
    assert idle == [], idle


@pytest.mark.processes
def test_without_it_the_first_page_leads_to_the_interface(tmp_path):
    with running(Stack(tmp_path / "data", CONSOLE_ENABLED="false"), "--port", free_ports(1)) as stack:
        nobody = stack.registered()
        answer = nobody.get("/", prefix="")
        assert answer.status_code == 200 and "/docs/guide" in answer.text
        assert nobody.get("/console/any/console.js", prefix="").status_code == 404
