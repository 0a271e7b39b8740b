"""The two doors of real time behind one face: `websockets` on /ws and python-socketio on /socket.io/."""

import asyncio
import functools
import json

import socketio
import websockets

from Harness import contract
from Harness.settings import seconds
from Harness.shapes import assert_problem_object

DOORS = ("websocket", "socketio")


def run_async(test):
    """Lets pytest run a coroutine function as a test; the fixtures are those of its signature."""

    @functools.wraps(test)
    def runner(*args, **kwargs):
        return asyncio.run(test(*args, **kwargs))

    return runner


class Refused(Exception):
    """An acknowledgement that carries a problem."""

    def __init__(self, problem):
        super().__init__(json.dumps(problem))
        self.problem = problem


class Socket:
    """What both doors share: the log of everything that came, in the order it came."""

    # As documents name it.
    door = "socketIO"

    def __init__(self):
        # ("event", name, data), ("ack", id, payload), ("connect", id, None), ("disconnect", why, None), ("refused", …)
        self.log = []
        self.closed = asyncio.Event()
        self._changed = asyncio.Event()

    def _note(self, kind, name, data):
        if kind == "event":
            contract.saw_event(self.door, name, data)
        self.log.append((kind, name, data))
        self._changed.set()

    def _connected(self, name=None):
        self.closed.clear()
        self._note("connect", name, None)

    def _disconnected(self, why=None):
        self.closed.set()
        self._note("disconnect", why, None)

    @property
    def connections(self):
        """How many times it has been connected, of one that comes back by itself."""
        return sum(kind == "connect" for kind, _, _ in self.log)

    @property
    def refusals(self):
        """How many times it has not been connected, whether somebody said so or nobody was there."""
        return sum(kind == "refused" for kind, _, _ in self.log)

    def events(self, name=None):
        return [data for kind, event, data in self.log if kind == "event" and name in (None, event)]

    def names(self):
        return [name for kind, name, _ in self.log if kind == "event"]

    def seqs(self, order_id):
        """The numbers of the room's messages in the order they were delivered."""
        return [m["seq"] for m in self.events("newMessage") if m["orderId"] == order_id]

    async def wait_until(self, probe, timeout=10):
        """Waits until `probe()` is true, looking again whenever something arrives."""
        try:
            async with asyncio.timeout(seconds(timeout)):
                while not (value := probe()):
                    self._changed.clear()
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"not within {seconds(timeout)} s; came: {self.log[-30:]}") from None

    async def wait_for(self, event, predicate=lambda data: True, timeout=10):
        """The first `event` so far, or to come, that satisfies the predicate."""
        found = await self.wait_until(lambda: [d for d in self.events(event) if predicate(d)], timeout)
        return found[0]

    async def wait_closed(self, timeout=10):
        try:
            async with asyncio.timeout(seconds(timeout)):
                await self.closed.wait()
        except TimeoutError:
            raise AssertionError(f"still open after {seconds(timeout)} s; came: {self.log[-30:]}") from None

    async def refused(self, event, data, status, code, field=None):
        """The call must fail with this documented problem."""
        try:
            answer = await self.call(event, data)
        except Refused as refusal:
            return assert_problem_object(refusal.problem, status, code, field)
        raise AssertionError(f"{event} was answered {json.dumps(answer)}, wanted {status} {code}")

    async def _unless_closed(self, answered, event, timeout):
        """What the future `answered` brings, unless the socket is closed before."""
        gone = asyncio.create_task(self.closed.wait())
        try:
            await asyncio.wait((answered, gone), timeout=seconds(timeout), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
        if not answered.done():
            raise ConnectionError("disconnected") if self.closed.is_set() else TimeoutError(f"{event} unanswered")
        return answered.result()

    @staticmethod
    def _answer(acknowledged):
        """The data of what a Socket.IO acknowledgement was given."""
        assert len(acknowledged) == 1 and len(acknowledged[0]) == 1, f"not one of data and error: {acknowledged}"
        if "error" in acknowledged[0]:
            raise Refused(acknowledged[0]["error"])
        return acknowledged[0]["data"]

    async def join(self, order_id, **options):
        return await self.call("joinRoom", {"orderId": order_id, **options})

    async def say(self, order_id, content="Hello", **extra):
        return await self.call("sendMessage", {"orderId": order_id, "content": content, **extra})


class WsClient(Socket):
    """A plain WebSocket. Acknowledgements are matched by `id`; a second one for an id fails the test."""

    door = "webSocket"

    def __init__(self, connection):
        super().__init__()
        self.ws = connection
        self._next, self._waiting, self.doubled = 0, {}, []
        self._pump_task = asyncio.create_task(self._pump())

    @classmethod
    async def connect(cls, base, token=None, origin=None, headers=None):
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        url = base.replace("http", "ws", 1) + "/ws"
        return cls(
            await websockets.connect(
                url, additional_headers=headers, origin=origin, proxy=None, max_queue=4096, ping_interval=None
            )
        )

    async def _pump(self):
        try:
            async for text in self.ws:
                frame = json.loads(text)
                if "ack" not in frame:
                    self._note("event", frame["event"], frame["data"])
                    continue
                self._note("ack", frame["ack"], frame)
                waiting = self._waiting.pop(frame["ack"], None)
                if waiting is None:
                    self.doubled.append(frame)
                elif not waiting.done():
                    waiting.set_result(frame)
        except websockets.ConnectionClosed:
            pass
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError(f"closed with {self.ws.close_code}"))
            self.closed.set()
            self._changed.set()

    @property
    def close_code(self):
        return self.ws.close_code

    async def raw(self, payload, **options):
        await self.ws.send(payload, **options)

    async def emit(self, event, data):
        await self.raw(json.dumps({"event": event, "data": data}))

    async def call(self, event, data, timeout=10):
        self._next += 1
        waiting = self._waiting[self._next] = asyncio.get_running_loop().create_future()
        await self.raw(json.dumps({"id": self._next, "event": event, "data": data}))
        frame = await asyncio.wait_for(waiting, seconds(timeout))
        contract.saw_answer(self.door, event, frame)
        assert ("data" in frame) != ("error" in frame), frame
        if "error" in frame:
            raise Refused(frame["error"])
        return frame["data"]

    async def close(self):
        await self.ws.close()
        await self._pump_task
        assert not self.doubled, f"acknowledgements nobody asked for: {self.doubled}"


class SioClient(Socket):
    """python-socketio, over the WebSocket transport alone unless a test says otherwise."""

    def __init__(self, namespace="/", **options):
        super().__init__()
        self.sio = socketio.AsyncClient(**options)
        self.connect_error = None
        # Plain functions: python-socketio then runs them in the order of arrival.
        self.sio.on("*", self._told, namespace)
        self.sio.on("connect", self._connected, namespace)
        self.sio.on("connect_error", self._on_connect_error, namespace)
        self.sio.on("disconnect", self._disconnected, namespace)

    def _told(self, event, *arguments):
        data = arguments[0] if arguments else None
        self._note("event", event, data)

    def _on_connect_error(self, data=None):
        self.connect_error = data
        self._note("refused", None, data)

    @classmethod
    async def connect(
        cls,
        base,
        token=None,
        by="auth",
        origin=None,
        namespace="/",
        transports=("websocket",),
        reconnection=False,
    ):
        """`by` is the way the token travels: `auth` or `header`. On a refusal the error has `.client`.

        transports: those that it may use; `None` for polling and then a change to a WebSocket, as is its default.
        reconnection: whether it comes back by itself when its connection breaks.
        """
        client = cls(namespace, reconnection=reconnection)
        headers = {
            **({"Authorization": f"Bearer {token}"} if token and by == "header" else {}),
            **({"Origin": origin} if origin else {}),
        }
        try:
            await client.sio.connect(
                base,
                headers=headers,
                auth={"token": token} if token and by == "auth" else None,
                transports=transports and list(transports),
                wait_timeout=seconds(10),
                namespaces=[namespace],
            )
        except socketio.exceptions.ConnectionError as error:
            error.client = client
            await client.sio.disconnect()
            raise
        return client

    async def emit(self, event, data):
        await self.sio.emit(event, data)

    async def call(self, event, data, timeout=10):
        waiting = asyncio.get_running_loop().create_future()

        def acknowledged(*args):
            self._note("ack", event, args)
            contract.saw_answer(self.door, event, args[0] if args else {})
            if not waiting.done():
                waiting.set_result(args)

        await self.sio.emit(event, data, callback=acknowledged)
        return self._answer(await self._unless_closed(waiting, event, timeout))

    @property
    def transport(self):
        """The name of that which it uses now."""
        return self.sio.transport()

    async def close(self):
        await self.sio.disconnect()


class Sockets:
    """Opens sockets by either door and closes all of them at the end of the block."""

    async def __aenter__(self):
        self.opened = []
        return self

    async def open(self, door, base, person):
        kind = WsClient if door == "websocket" else SioClient
        client = await kind.connect(base, person.token)
        self.opened.append(client)
        return client

    def keep(self, client):
        self.opened.append(client)
        return client

    async def __aexit__(self, *_):
        for client in self.opened:
            await client.close()
