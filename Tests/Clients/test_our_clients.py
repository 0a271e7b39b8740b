"""Our clients against real processes: both behind a proxy that cuts and doubles, JavaScript's in browser tabs too.

What a client promises is tried with each: `javascript/*.mjs` and `Tests/ClientProbe` do and tell the same.
"""

import functools
import gzip
import itertools
import json
import os
import re
import shutil
import subprocess
import textwrap
import threading

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import sync_playwright

from Harness import contract
from Harness.browser import chromium
from Harness.meddler import Meddler
from Harness.person import ok
from Harness.ports import free_ports
from Harness.processes import ended
from Harness.settings import PROGRAMS, ROOT, seconds
from Harness.stack import FIRST_ADMIN, Stack, running
from Harness.waiting import until

CLIENT = ROOT / "Services" / "Gateway" / "Service" / "Web" / "Client" / "orderline.js"
SCRIPTS = ROOT / "Tests" / "Clients" / "javascript"
LONG = os.environ.get("ORDERLINE_LONG") == "1"
# Messages, and frames between two cuts: with ORDERLINE_LONG=1 10,000 with some 200 cuts.
COUNT, CUTS = (10_000, 120) if LONG else (300, 40)


@functools.cache
def node_program():
    """A Node of version 20 or later: the system's, or else the one that Playwright brings."""
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").split(".")[0]) >= 20:
            return found
    return compute_driver_executable()[0]


@pytest.fixture(params=["javascript", "swift"])
def use(request):
    """Runs a script of the client's: its name, what it takes, and how long it may last; what it prints, as JSON."""
    if request.param == "swift":
        return lambda name, *arguments, timeout=120: run([PROGRAMS / "client-probe", name, *arguments], timeout)
    return lambda name, *arguments, timeout=120: run(
        [node_program(), SCRIPTS / f"{name}.mjs", CLIENT, *arguments], timeout
    )


def run(command, timeout):
    environment = {"PATH": os.environ["PATH"], "NODE_PATH": "/usr/share/nodejs"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds(timeout), check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(done.stdout)


def signed(person):
    return json.dumps({"email": person.email, "password": person.password})


@pytest.mark.parametrize("cuts", [0, CUTS], ids=["undisturbed", "meddled with"])
def test_no_message_is_lost_doubled_or_out_of_order(use, gateway, make_user, make_admin, chance, cuts):
    owner, admin = make_user(), make_admin()
    with Meddler(gateway, chance, cuts) as meddler:
        limit = 3000 if LONG else 120
        told = use("conversation", meddler.origin, signed(owner), signed(admin), str(COUNT), timeout=limit)
    assert [each["seq"] for each in told["heard"]] == list(range(1, COUNT + 2))
    assert [each["content"] for each in told["heard"]] == [f"message {n}" for n in range(COUNT)] + ["Agreed"]
    assert told["own"] == list(range(1, COUNT + 2))
    assert told["refused"] == "room-closed" and told["last"] == "ended"
    assert told["states"][0] == "connecting" and "live" in told["states"]
    print(f"{meddler.count} cuts, {meddler.doubled} frames twice")
    if cuts:
        assert meddler.count >= (200 if LONG else COUNT / cuts) and meddler.doubled > 0
        assert "offline" in told["states"]


def test_refusals_are_typed_and_what_is_called_back_is_not_done(use, gateway, make_user, make_admin):
    people = (make_user(), make_admin(), make_user())
    told = use("behaviour", gateway, *map(signed, people))
    assert told["wrong"] == {"code": "invalid-credentials", "status": 401, "fields": []}
    assert told["unknown"]["code"] == "unauthenticated" and told["resumed"] is None
    assert told["invalid"]["code"] == "validation-failed"
    assert sorted(told["invalid"]["fields"]) == ["description", "quantity", "specifications"]
    assert told["changed"] == 2 and told["stale"]["code"] == "version-mismatch"
    assert told["history"] == ["created", "updated"]
    assert told["foreign"]["code"] == "forbidden" and told["foreignSend"]["code"] in ("room-left", "forbidden")
    assert told["behind"] == ["connecting", "behind", "live"] and told["caughtUp"]
    assert told["newest"] == [147, 148, 149, 150, 151] and told["older"] == [1, 2]
    assert told["aborted"] in ("Error: called back", "CancellationError()") and told["left"] == ["over", "ended"]
    assert told["afterLeaving"]["code"] == "room-left"
    assert told["listed"] == [True] and told["once"]
    assert told["closed"] == [151, 152, "Agreed", 152]
    assert told["ended"] == "logged-out" and told["afterLogOut"]["code"] == "unauthenticated"
    assert told["twice"] is None


def test_what_only_the_swift_client_does(gateway, make_user, make_admin):
    people = (make_user(), make_admin(), make_user())
    told = run([PROGRAMS / "client-probe", "behaviour", gateway, *map(signed, people)], 120)
    # A text cannot choose another path.
    assert told["escaped"]["code"] == "invalid-id"
    assert told["origin"]["code"] == "invalid-origin" and told["nobodyThere"]["code"] == "offline"
    assert told["metadata"] == [{"colour": ["red", 1.5, None]}, None] and told["counted"]
    assert not told["said"]


def test_the_example_of_the_swift_client_stands_there_as_it_is_run(gateway, make_user, make_admin):
    page = (ROOT / "Clients" / "Swift" / "OrderlineClient.docc" / "OrderlineClient.md").read_text(encoding="utf-8")
    example = page.split("```swift\n")[1].split("```")[0]
    source = (ROOT / "Tests" / "ClientProbe" / "Guide.swift").read_text(encoding="utf-8")
    assert textwrap.indent(example, "    ", lambda line: line.strip()) in source
    owner, admin = make_user(), make_admin()
    command = [PROGRAMS / "client-probe", "guide", gateway, signed(owner)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ended(process):
        order = until(lambda: ok(owner.get("/orders"))["items"], 30)[0]["id"]
        until(lambda: admin.messages(order)["items"], 30)
        admin.close(order, "Oiled oak, on Friday")
        printed, _ = process.communicate(timeout=seconds(30))
    assert process.returncode == 0
    assert printed.splitlines() == [
        f"{owner.user['name']}: Could it be ready by Friday?",
        f"{admin.user['name']}: Oiled oak, on Friday",
        "Agreed: Oiled oak, on Friday",
    ]


def test_it_is_small_and_its_types_are_right(tmp_path):
    assert len(gzip.compress(CLIENT.read_bytes(), 9)) <= 12 * 1024
    command = f". bin/common.sh && client_types {tmp_path}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    made = (tmp_path / "orderline.d.ts").read_text(encoding="utf-8")
    assert made == CLIENT.with_name("orderline.d.ts").read_text(encoding="utf-8"), "run bin/contract"


def members(described):
    """The names of an object type's members, as a comment says them; those of what it is built upon not."""
    names, depth = set(), 0
    for sign, name in re.findall(r"([{}])|(\w+)\??:", described):
        depth += (sign == "{") - (sign == "}")
        if name and depth == 1:
            names.add(name)
    return names


def test_its_types_say_what_the_interface_says():
    source, document = CLIENT.read_text(encoding="utf-8"), contract.load("openapi.json")
    assert f'version = "{document["info"]["version"]}"' in source
    types = {name: text for text, name in re.findall(r"@typedef \{(.*)\} (\w+) \*/", source)}
    schemas = document["components"]["schemas"]
    for name in ("Person", "Participant", "User", "Message", "Session"):
        assert members(types[name]) == set(schemas[name]["properties"]), name
    assert members(types["RoomFacts"]) == set(schemas["Room"]["properties"])
    order = members(types["OrderFields"]) | members(types["Order"].split("&")[1])
    assert order == set(schemas["Order"]["properties"])
    assert set(re.findall(r'"(\w+)"', types["OrderStatus"])) == set(schemas["OrderStatus"]["enum"])


def test_it_is_served_with_its_types(anonymous):
    for name in ("orderline.js", "orderline.d.ts"):
        response = anonymous.get(f"/client/{name}", prefix="")
        assert response.status_code == 200
        assert response.text == CLIENT.with_name(name).read_text(encoding="utf-8")
        again = anonymous.get(f"/client/{name}", prefix="", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
    assert anonymous.get("/client/pages.css", prefix="").status_code == 404


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A system of two gateways whose access tokens live for some seconds."""
    settings = {
        **FIRST_ADMIN,
        "JWT_ACCESS_EXPIRATION": "6s",
        "RATE_LIMIT_WRITE": "6000/1m",
        "RATE_LIMIT_READ": "6000/1m",
    }
    stack = Stack(tmp_path_factory.mktemp("javascript") / "data", **settings)
    with running(stack, "--port", free_ports(2), "--gateways", 2):
        yield stack


@pytest.mark.processes
def test_a_token_is_renewed_before_it_expires_and_a_killed_gateway_is_left_behind(use, short, chance):
    short.until_ready()
    owner = short.registered()
    with Meddler(short.gateways[0], chance) as meddler:

        def away():
            meddler.gateway = short.gateways[1]
            short.kill("gateway-1")

        timer = threading.Timer(12, away)
        timer.start()
        told = use("long_room", meddler.origin, signed(owner), "20", timeout=90)
        timer.join()
    assert told["heard"] == list(range(1, told["sent"] + 1)) and told["sent"] > 20
    # Once for the gateway that was killed, and never for a token.
    assert told["states"].count("offline") == 1, told["states"]
    refreshes = meddler.asked["/api/v1/auth/refresh"]
    assert 3 <= refreshes.count <= 12 and refreshes.most == 1
    assert len(told["listed"]) == 1 and told["end"] == "ended" and told["user"] is None


@pytest.mark.processes
def test_a_session_that_ends_while_it_is_renewed_is_over(use, short, chance):
    short.until_ready()
    with Meddler(short.gateways[0], chance) as meddler:
        # Longer than a token lives behind the time of its renewal.
        meddler.holds["/api/v1/auth/refresh"] = 4
        told = use("late_renewal", meddler.origin, signed(short.registered()))
    assert told["signedIn"] and told["user"] is None
    # Told by the socket as a rule, by the refusal of another renewal where the token has expired before.
    assert told["afterwards"] in ("unauthenticated", "invalid-refresh-token")
    assert meddler.asked["/api/v1/auth/refresh"].count >= 1


@pytest.mark.processes
def test_two_tabs_have_one_session_and_renew_it_one_at_a_time(short):
    until(lambda: short.is_ready("gateway-1"), 30, "the gateway that was killed is back")
    owner = short.registered()
    order = owner.create_order()
    spans = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context()
        pages = [context.new_page(), context.new_page()]
        for page in pages:
            page.on("requestfinished", lambda each: "/auth/refresh" in each.url and spans.append(span(each)))
            page.goto(short.gateways[1] + "/docs/guide")
            page.evaluate("""async () => {
                const { Client } = await import("/client/orderline.js");
                globalThis.client = new Client();
                globalThis.states = [];
                globalThis.seen = [];
            }""")
        pages[0].evaluate("fields => client.logIn(fields)", {"email": owner.email, "password": owner.password})
        assert pages[1].evaluate("async () => (await client.resume()).id") == owner.id
        for page in pages:
            page.evaluate(
                """id => {
                globalThis.room = client.room(id, { after: 0 });
                room.addEventListener("state", ({ detail }) => states.push(detail.state));
                room.addEventListener("message", ({ detail }) => seen.push(detail.message.content));
                room.join();
            }""",
                order["id"],
            )
        for number in range(8):
            pages[number % 2].evaluate("text => room.send(text)", f"message {number}")
            pages[0].wait_for_timeout(1500)
        for page in pages:
            assert page.evaluate("seen") == [f"message {number}" for number in range(8)]
            assert "offline" not in page.evaluate("states")
            assert page.evaluate("async id => (await client.order(id)).id", order["id"]) == order["id"]
        pages[0].evaluate("client.logOut()")
        pages[1].wait_for_function("room.state === 'ended'")
        assert pages[1].evaluate("client.user") is None
        browser.close()
    assert len(spans) >= 4
    spans.sort()
    for (_, end), (begin, _) in itertools.pairwise(spans):
        assert begin >= end - 0.005, spans
    # Whoever waited for another took what that one was given: two tabs renew no more often than one.
    assert len(spans) <= 8, spans


@pytest.mark.processes
def test_a_page_that_goes_offline_queues_and_one_that_is_hidden_comes_back(short):
    owner, other = short.registered(), short.admin()
    order = owner.create_order()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        page.goto(short.gateways[1] + "/docs/guide")
        page.evaluate(
            """async ([fields, id]) => {
            const { Client } = await import("/client/orderline.js");
            globalThis.client = new Client();
            globalThis.seen = [];
            await client.logIn(fields);
            globalThis.room = client.room(id, { after: 0 }).join();
            room.addEventListener("message", ({ detail }) => seen.push(detail.message.content));
        }""",
            [{"email": owner.email, "password": owner.password}, order["id"]],
        )
        until(lambda: page.evaluate("room.state") == "live", 10)
        context.set_offline(True)
        until(lambda: page.evaluate("room.state") == "offline", 10)
        page.evaluate("globalThis.sent = [room.send('one'), room.send('two')]")
        other.say(order["id"], "meanwhile")
        assert page.evaluate("[room.state, seen.length]") == ["offline", 0]
        context.set_offline(False)
        # At once, and not when the wait of a device that is offline is over.
        until(lambda: page.evaluate("seen.length") == 3, 15)
        assert page.evaluate("seen") == ["meanwhile", "one", "two"]
        assert page.evaluate("Promise.all(sent).then((each) => each.map(({ seq }) => seq))") == [2, 3]
        # A page that is shown asks whether its connection lives: one that does stays.
        opened = []
        page.on("websocket", lambda socket: opened.append(socket))  # noqa: PLW0108 it is given an attribute
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        other.say(order["id"], "still here")
        until(lambda: page.evaluate("seen.length") == 4, 10)
        assert opened == [] and page.evaluate("room.state") == "live"
        browser.close()


def span(request):
    """When a request began and ended, in seconds."""
    timing = request.timing
    return timing["startTime"] / 1000, (timing["startTime"] + timing["responseEnd"]) / 1000
