"""docs/api.md §7 as clients that are not ours use it: python-socketio and, in a browser, Socket.IO's own, each in three
modes: by its defaults (polling, and then the change to a WebSocket), by polling alone, by a WebSocket alone."""

import asyncio
import signal
import uuid

import pytest
import socketio
import websockets

from Harness.browser import Browser, JavaScriptClient, PageServer
from Harness.person import ok
from Harness.probes import status
from Harness.processes import standing_still
from Harness.shapes import assert_message, assert_problem_object, assert_room
from Harness.sockets import SioClient, Sockets, WsClient, run_async
from Harness.waiting import until_async

# Which transports a client is told to use, `None` for nothing; the one that it comes to use is the last.
MODES = {"default": None, "polling": ["polling"], "websocket": ["websocket"]}
LANGUAGES = ("python", "javascript")
GATEWAY = "gateway-1"


class Kind:
    """A client in one mode: `connect(base, token, **options)` with the options of its own class."""

    def __init__(self, mode, connect):
        self.connect, self.settles_on = connect, (MODES[mode] or ["websocket"])[-1]


@pytest.fixture(scope="module")
def kinds(page_origin):
    """All of them, by language and mode."""
    with PageServer(page_origin), Browser() as browser:

        def python(transports):
            return lambda base, token=None, **options: SioClient.connect(base, token, transports=transports, **options)

        def javascript(transports):
            chosen = {"reconnection": False, **({"transports": transports} if transports else {})}
            return lambda base, token=None, origin=page_origin, **options: JavaScriptClient.connect(
                browser, origin, base, token, **{**chosen, **options}
            )

        makers = dict(zip(LANGUAGES, (python, javascript)))
        yield {(name, mode): Kind(mode, makers[name](MODES[mode])) for name in LANGUAGES for mode in MODES}


@pytest.fixture(params=[(language, mode) for language in LANGUAGES for mode in MODES], ids="-".join)
def kind(kinds, request):
    return kinds[request.param]


@pytest.fixture(params=MODES)
def python(kinds, request):
    return kinds["python", request.param]


@pytest.fixture(params=MODES)
def javascript(kinds, request):
    return kinds["javascript", request.param]


async def refusal(connecting):
    """What a client is told that does not get in."""
    with pytest.raises(socketio.exceptions.ConnectionError) as refused:
        await connecting
    return refused.value.client.connect_error


# Coming and going


@run_async
async def test_a_client_connects_and_comes_to_use_the_transport_of_its_mode(kind, gateway, user):
    async with Sockets() as sockets:
        client = sockets.keep(await kind.connect(gateway, user.token))
        await client.wait_until(lambda: client.transport == kind.settles_on)
        await client.refused("dance", {}, 404, "not-found")


@run_async
async def test_a_client_without_a_good_token_is_told_the_problem(kind, gateway):
    error = await refusal(kind.connect(gateway, "a.b.c"))
    assert isinstance(error["message"], str)
    assert_problem_object(error["data"], 401, "unauthenticated")


@run_async
async def test_a_client_may_give_its_token_in_a_header(python, gateway, user):
    async with Sockets() as sockets:
        client = sockets.keep(await python.connect(gateway, user.token, by="header"))
        order = user.create_order()["id"]
        assert (await client.join(order))["room"]["orderId"] == order


@run_async
async def test_there_is_only_the_default_namespace(kind, gateway, user):
    error = await refusal(kind.connect(gateway, user.token, namespace="/orders"))
    assert error["message"] == "Invalid namespace"


@run_async
async def test_a_page_of_another_origin_gets_no_connection(javascript, page_origin, gateway, user):
    stranger = page_origin.replace("127.0.0.1", "localhost")
    error = await refusal(javascript.connect(gateway, user.token, origin=stranger))
    assert "error" in error["message"] and error["data"] is None, error


@run_async
async def test_a_client_that_disconnects_leaves_nothing_behind(kind, stack, gateway, user):
    def sockets():
        return stack.metric(GATEWAY, "orderline_sockets")

    await until_async(lambda: sockets() == 0, 60, "those of tests before are gone")
    client = await kind.connect(gateway, user.token)
    await client.wait_until(lambda: client.transport == kind.settles_on)
    assert await asyncio.to_thread(sockets) == 1
    await client.close()
    await until_async(lambda: sockets() == 0, 5)


@run_async
async def test_the_end_of_the_session_is_told_before_the_disconnection(kind, gateway, user):
    client = await kind.connect(gateway, user.token)
    # In the middle of the change to a WebSocket its end would be that of the transport.
    await client.wait_until(lambda: client.transport == kind.settles_on)
    await asyncio.to_thread(user.post, "/auth/logout")
    await client.wait_closed()
    (*_, told, ended) = client.log
    assert told == ("event", "sessionEnded", {"reason": "logged-out"})
    # With this reason the JavaScript client does not come back by itself.
    assert ended[0] == "disconnect" and "server disconnect" in ended[1], ended
    await client.close()


@run_async
async def test_a_client_renews_its_session_without_reconnecting(kind, gateway, user):
    async with Sockets() as sockets:
        client = sockets.keep(await kind.connect(gateway, user.token))
        renewed = ok(user.post("/auth/refresh"))["accessToken"]
        answer = await client.call("authenticate", {"token": renewed})
        assert set(answer) == {"user", "sessionId", "expiresAt"} and answer["user"]["id"] == user.id
        await client.refused("authenticate", {"token": "a.b.c"}, 401, "unauthenticated")
        assert client.connections == 1 and not client.closed.is_set()


# Conversing


@run_async
async def test_a_client_joins_sends_and_hears_others(kind, gateways, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        client = sockets.keep(await kind.connect(gateways[0], user.token))
        desk = await sockets.open("websocket", gateways[-1], admin)
        joined = await client.join(order)
        assert_room(joined["room"])
        assert joined["messages"] == [] and joined["hasMore"] is False
        sent = await client.say(order, "Hello \U0001f600")
        assert_message(sent, order)
        told = await desk.say(order, "Hello to you")
        await client.wait_until(lambda: client.events("newMessage") == [sent, told])
        await client.emit("sendMessage", {"orderId": order, "content": ""})
        assert_problem_object(await client.wait_for("error"), 400, "validation-failed", "content")


@run_async
async def test_messages_of_a_client_are_stored_in_the_order_sent(kind, gateway, user):
    order, count = user.create_order()["id"], 40
    async with Sockets() as sockets:
        client = sockets.keep(await kind.connect(gateway, user.token))
        await client.join(order)
        sent = await asyncio.gather(*[client.say(order, f"{n} {'x' * 1000}") for n in range(count)])
        assert [int(m["content"].split()[0]) for m in sent] == list(range(count))
        await client.wait_until(lambda: len(client.seqs(order)) == count)
        assert client.events("newMessage") == sent


@run_async
async def test_bytes_where_text_is_wanted_are_refused_in_the_acknowledgement(kind, gateway, user):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        client = sockets.keep(await kind.connect(gateway, user.token))
        binary = {"orderId": order, "content": b"\x00\xff"}
        await client.refused("sendMessage", binary, 400, "validation-failed", "content")
        assert (await client.say(order))["seq"] == 1


# What the JavaScript client offers beside


@run_async
async def test_promises_of_acknowledgements_are_kept(javascript, gateway, user):
    order = user.create_order()["id"]
    ask = "([event, data]) => socket.timeout(10_000).emitWithAck(event, data)"
    async with Sockets() as sockets:
        client = sockets.keep(await javascript.connect(gateway, user.token))
        answer = await client.run(ask, ["sendMessage", {"orderId": order, "content": "Hello"}])
        assert set(answer) == {"data"}
        assert_message(answer["data"], order)
        answer = await client.run(ask, ["joinRoom", {"orderId": str(uuid.uuid4())}])
        assert set(answer) == {"error"}
        assert_problem_object(answer["error"], 404, "not-found")


# What a page does to send messages one after another, each again until it is acknowledged.
SEND_ALL = """(messages) => {
  for (const message of messages) {
    socket.emit("sendMessage", message, (error, answer) => note("sent", message.content, error?.message ?? answer));
  }
}"""


def retried(order, count):
    return [{"orderId": order, "content": f"m{n}", "clientMessageId": str(uuid.uuid4())} for n in range(count)]


@run_async
async def test_with_retries_messages_are_sent_one_after_another(javascript, gateway, user):
    order = user.create_order()["id"]
    messages = retried(order, 5)
    async with Sockets() as sockets:
        client = sockets.keep(await javascript.connect(gateway, user.token, retries=3, ackTimeout=10_000))
        await client.run(SEND_ALL, messages)
        sent = await client.wait_until(lambda: (s := told(client)) and len(s) == 5 and s)
        assert [answer["data"]["seq"] for answer in sent] == [1, 2, 3, 4, 5]
    assert [m["content"] for m in user.messages(order)["items"]] == [m["content"] for m in messages]


def told(client):
    return [answer for kind, _, answer in client.log if kind == "sent"]


# Coming back


@pytest.mark.processes
@pytest.mark.parametrize(
    "number, is_slow",
    [(signal.SIGTERM, False), (signal.SIGKILL, True)],
    ids=["asked to end", "killed, and slow to start"],
)
@run_async
async def test_clients_that_come_back_after_a_restart_have_every_message_once(
    kinds, stack, gateways, user, number, is_slow
):
    order = (await asyncio.to_thread(user.create_order))["id"]
    elsewhere = user.at(gateways[-1])
    plain = asyncio.create_task(follow(gateways[0], user.token, order, 8))
    async with Sockets() as sockets:
        clients = {}
        for name, kind in kinds.items():
            clients[name] = sockets.keep(await kind.connect(gateways[0], user.token, reconnection=True))
            await clients[name].join(order)
        for _ in range(3):
            await asyncio.to_thread(elsewhere.say, order)
        for client in clients.values():
            await client.wait_until(lambda: len(client.seqs(order)) == 3)
        # Without keys, which auth has, no gateway becomes ready.
        with standing_still(stack.pids_of("auth").values() if is_slow else ()):
            # Asked to end, it lets its sockets go within ten seconds, those of polling clients too.
            killing = asyncio.create_task(asyncio.to_thread(stack.kill, GATEWAY, number, bound=15))
            for client in clients.values():
                await client.wait_closed(15)
            # Nobody is there to hear these.
            for _ in range(3):
                await asyncio.to_thread(elsewhere.say, order)
            await killing
            if is_slow:
                await until_async(lambda: status(gateways[0] + "/health/live") == 200, 10)
                before = {name: client.refusals for name, client in clients.items()}
                for name, client in clients.items():
                    await client.wait_until(lambda: client.refusals > before[name], 30)
        for name, client in clients.items():
            await client.wait_until(lambda: client.connections == 2, 30)
            heard = client.seqs(order)
            joined = await client.join(order, after=heard[-1])
            assert heard + [m["seq"] for m in joined["messages"]] == [1, 2, 3, 4, 5, 6], name
        for _ in range(2):
            await asyncio.to_thread(elsewhere.say, order)
        for client in clients.values():
            await client.wait_until(lambda: client.seqs(order)[-1] == 8)
            assert client.seqs(order)[3:] == [7, 8]
    assert await asyncio.wait_for(plain, 30) == list(range(1, 9))


@pytest.mark.processes
@run_async
async def test_with_retries_every_message_is_stored_once_though_its_gateway_dies(kinds, stack, gateway, user):
    count = 100
    async with Sockets() as sockets:
        sending = {}
        for mode in MODES:
            client = await kinds["javascript", mode].connect(
                gateway, user.token, reconnection=True, retries=20, ackTimeout=2000
            )
            sending[(await asyncio.to_thread(user.create_order))["id"]] = sockets.keep(client)
        for order, client in sending.items():
            await client.run(SEND_ALL, retried(order, count))
        for client in sending.values():
            await client.wait_until(lambda: told(client))
        await asyncio.to_thread(stack.kill, GATEWAY)
        assert not all(len(told(client)) == count for client in sending.values()), "it died too late"
        for order, client in sending.items():
            await client.wait_until(lambda: len(told(client)) == count, 30)
            assert client.connections == 2
            assert [answer["data"]["seq"] for answer in told(client)] == list(range(1, count + 1))
            stored = (await asyncio.to_thread(user.messages, order, limit=100))["items"]
            assert [m["content"] for m in stored] == [f"m{n}" for n in range(count)]


async def follow(base, token, order, last):
    """The numbers of the room's messages as `websockets` gets them, which comes back by itself."""
    seen, url = [], base.replace("http", "ws", 1) + "/ws"
    headers = {"Authorization": f"Bearer {token}"}
    async for connection in websockets.connect(url, additional_headers=headers, proxy=None):
        client = WsClient(connection)
        joined = await client.join(order, after=seen[-1] if seen else 0)
        seen += [m["seq"] for m in joined["messages"]]
        await client.wait_until(lambda: client.closed.is_set() or [*seen, *client.seqs(order)][-1:] == [last], 60)
        seen += client.seqs(order)
        if seen[-1:] == [last]:
            await client.close()
            return seen
    return None
