"""A seat is a person at a real-time door: it connects, joins rooms, comes back after a loss and reads on from there."""

import asyncio
import contextlib
import random

import aiohttp
import socketio
import websockets

from Harness.settings import seconds
from Harness.sockets import Refused, SioClient, WsClient
from history import Delivery, RoomSession, SocketLife, now

CALL_SECONDS = 20
CONNECT_ERRORS = (
    OSError,
    TimeoutError,
    ConnectionError,
    aiohttp.ClientError,
    websockets.WebSocketException,
    socketio.exceptions.SocketIOError,
)


class Listened:
    """Passes on what comes, with its time, to whoever sits at the client."""

    listener = None

    def _note(self, kind, name, data):
        if self.listener:
            self.listener(kind, name, data)
        self._changed.set()


class PlainDoor(Listened, WsClient):
    """/ws"""

    async def abort(self):
        self.ws.transport.abort()


class SocketIODoor(Listened, SioClient):
    """/socket.io/"""

    async def abort(self):
        await self.sio.disconnect()


class Seat:
    """Keeps one person connected by one door, through whichever gateway answers."""

    def __init__(self, name, person, door, gateways, history, seed):
        self.name, self.person, self.door = name, person, door
        self.gateways, self.history = gateways, history
        self.random = random.Random(seed)
        self.rooms = {}  # order id: the last seq seen, None before the first join
        self.client = self.life = None
        self.sessions = {}  # order id: the RoomSession of the socket there is now
        self.count = 0
        self._joins = asyncio.Lock()
        self._drop = asyncio.Event()

    # Connecting

    async def run(self):
        """Connects again whenever the socket is lost, until cancelled."""
        try:
            while True:
                try:
                    await self._connect()
                except CONNECT_ERRORS as error:
                    self._note_refusal(error)
                    await asyncio.sleep(self.random.uniform(0.1, 1.0))
                    continue
                rejoin = asyncio.create_task(self._rejoin())
                await self._until_lost()
                rejoin.cancel()
                with contextlib.suppress(*CONNECT_ERRORS):
                    async with asyncio.timeout(5):
                        await (self.client.abort() if self.random.random() < 0.5 else self.client.close())
                self._end()
        finally:
            self._end()
            if self.client:
                with contextlib.suppress(*CONNECT_ERRORS, asyncio.CancelledError):
                    async with asyncio.timeout(5):
                        await self.client.close()

    async def _connect(self):
        base = self.random.choice(self.gateways)
        kind = PlainDoor if self.door == "websocket" else SocketIODoor
        async with asyncio.timeout(seconds(CALL_SECONDS)):
            client = await kind.connect(base, self.person.token)
        self.count += 1
        self.client, self.sessions = client, {}
        self.life = SocketLife(
            f"{self.name}#{self.count}@{base.rsplit(':', 1)[1]}", self.name, self.person.id, self.person.is_admin, now()
        )
        self.history.sockets.append(self.life)
        client.listener = self._hear
        self._drop.clear()

    async def _until_lost(self):
        waits = [asyncio.create_task(self.client.closed.wait()), asyncio.create_task(self._drop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _end(self):
        if not self.life or self.life.ended:
            return
        self.life.ended = now()
        code = self.client.close_code if self.door == "websocket" else ""
        self.life.end_reason = "left" if self._drop.is_set() else f"lost {code}"
        for session in self.sessions.values():
            session.ended = session.ended or now()
        self.client.listener = None

    def _note_refusal(self, error):
        """A valid token that is turned away is worth an operation of its own."""
        status = getattr(getattr(error, "response", None), "status_code", None)
        problem = getattr(getattr(error, "client", None), "connect_error", None)
        status = status or (problem.get("data") or problem).get("status") if isinstance(problem, dict) else status
        if status in (401, 403, 404, 500):
            operation = self.history.invoke(self.name, "connect", door=self.door)
            operation.settle("refused", refusal=f"{status} {problem or error}")

    def drop(self):
        """Leaves the socket there is; another one follows."""
        self._drop.set()

    # Rooms

    async def join(self, order):
        """Joins a room now and after every reconnection. Joining again reads on after what was seen."""
        self.rooms.setdefault(order, None)
        client = self.client
        while order in self.rooms and client and client is self.client and not client.closed.is_set():
            if await self._join(client, order):
                break
            await asyncio.sleep(self.random.uniform(0.2, 0.8))

    async def leave(self, order):
        session, client = self.sessions.get(order), self.client
        self.rooms.pop(order, None)
        with contextlib.suppress(Refused, *CONNECT_ERRORS):
            await client.call("leaveRoom", {"orderId": order}, CALL_SECONDS)
            if session and self.sessions.get(order) is session:
                session.ended = now()
                del self.sessions[order]

    async def _rejoin(self):
        client = self.client
        for order in list(self.rooms):
            while order in self.rooms and order not in self.sessions and not client.closed.is_set():
                if await self._join(client, order):
                    break
                await asyncio.sleep(self.random.uniform(0.2, 0.8))

    async def _join(self, client, order):
        """Whether it was answered for good. A join without an answer costs the socket: what it gave is not known."""
        async with self._joins:
            after, limit = self.rooms.get(order), self.random.choice((1, 3, 10, 50, 100))
            data = {"orderId": order, "limit": limit, **({} if after is None else {"after": after})}
            operation = self.history.invoke(self.name, "join", order, after=after, limit=limit)
            attempt = operation.begin(self.life.name)
            client.joining = (order, after, limit)
            try:
                await client.call("joinRoom", data, CALL_SECONDS)
            except Refused as refusal:
                problem = refusal.problem
                attempt.outcome = f"{problem['status']} {problem['code']}"
                operation.settle(
                    "refused" if problem["status"] not in (503, 504) else "unknown", refusal=attempt.outcome
                )
                # A failed join leaves nothing subscribed, not even what an earlier one had.
                if (former := self.sessions.get(order)) and client is self.client:
                    former.ended = now()
                    del self.sessions[order]
                return operation.outcome == "refused"
            except CONNECT_ERRORS as error:
                attempt.outcome = type(error).__name__
                operation.settle("unknown", refusal=attempt.outcome)
                if client is self.client:
                    self.drop()
                return False
            attempt.outcome = "ok"
            operation.settle("ok", {})
            return True

    # Listening

    def _hear(self, kind, name, data):
        at = now()
        if kind == "ack":
            answer = data if isinstance(data, dict) else data[0] if data else {}
            joined = answer.get("data")
            if isinstance(joined, dict) and "room" in joined and "messages" in joined:
                self._joined(joined, at)
        elif name == "newMessage":
            session = self.sessions.get(data["orderId"])
            if session is None:
                # Kept as a session nobody asked for, which the checker refuses.
                session = RoomSession(self.life.name, self.name, data["orderId"], None, 0, -1.0, 0, False, [])
                self.history.sessions.append(session)
                session.ended = at
            elif data["orderId"] in self.rooms:
                self.rooms[data["orderId"]] = data["seq"]
            session.live.append(Delivery(data["seq"], data["id"], data["kind"], at))
        elif name == "roomClosed":
            if session := self.sessions.get(data["orderId"]):
                session.closings.append((data["seq"], at))
        elif name == "orderStatusChanged":
            self.life.statuses.append((data["orderId"], data["to"], data["version"], at))

    def _joined(self, joined, at):
        room, messages = joined["room"], joined["messages"]
        order, after, limit = self.client.joining
        if room["orderId"] != order:
            return
        if former := self.sessions.get(order):
            former.ended = at
        page = [Delivery(each["seq"], each["id"], each["kind"], at) for each in messages]
        session = RoomSession(
            self.life.name, self.name, order, after, limit, at, room["lastSeq"], joined["hasMore"], page
        )
        self.sessions[order] = session
        self.history.sessions.append(session)
        if order in self.rooms:
            # Not in one that is being left.
            self.rooms[order] = page[-1].seq if page else after if after is not None else room["lastSeq"]
