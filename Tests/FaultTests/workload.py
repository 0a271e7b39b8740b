"""What people do in a run: customers place orders and talk, Admins answer, close and complete."""

import asyncio
import random
import uuid
from collections import defaultdict

from Harness.settings import seconds
from Harness.sockets import Refused
from history import now
from seats import CALL_SECONDS, CONNECT_ERRORS

ROOMS_OF_CUSTOMER, ROOMS_OF_SEAT = 4, 8


class Room:
    """A room as the workload knows it."""

    def __init__(self, order, owner):
        self.order, self.owner, self.born = order, owner, now()
        self.is_open, self.is_completed = True, False
        self.last_seen = 0


class Workload:
    """Runs everybody until `stop`; every choice comes from the seed, though their interleaving does not."""

    def __init__(self, api, history, customers, admins, seed):
        self.api, self.history = api, history
        self.customers, self.admins = customers, admins  # [(Person, [Seat])]
        self.seed = seed
        self.rooms = []
        # One name after the other, so that it is known which is the last.
        self.renaming = defaultdict(asyncio.Lock)
        self.stopping = asyncio.Event()

    async def run(self):
        async with asyncio.TaskGroup() as group:
            for index, (person, seats) in enumerate(self.customers):
                group.create_task(self._live(person, seats, self._customer, index))
            for index, (person, seats) in enumerate(self.admins):
                group.create_task(self._live(person, seats, self._admin, 1000 + index))

    async def _live(self, person, seats, act, index):
        chance = random.Random(f"{self.seed}/{index}")
        while not self.stopping.is_set():
            await act(person, seats, chance)
            if chance.random() < 0.02:
                chance.choice(seats).drop()
            await asyncio.sleep(seconds(chance.uniform(0.05, 0.6)))

    async def bustle(self, without):
        """Everybody does at once what the others are told of by events, as far as it goes while a service is away."""
        chance = random.Random(f"{self.seed}/bustle")
        customers, admins = ([person for person, _ in each] for each in (self.customers, self.admins))
        async with asyncio.TaskGroup() as group:
            for person in customers + admins:
                group.create_task(self._rename(person))
            if without == "orders":
                for room in [room for room in self.rooms if room.is_open][: len(admins)]:
                    person, seats = chance.choice(self.admins)
                    group.create_task(self._close(person, chance.choice(seats), room, chance))
            else:
                for person in customers:
                    group.create_task(self._place(person))

    # Customers and Admins

    async def _customer(self, person, seats, chance):
        mine = [room for room in self.rooms if room.owner is person]
        is_open = [room for room in mine if room.is_open]
        if len(is_open) < ROOMS_OF_CUSTOMER and (not is_open or chance.random() < 0.1):
            if chance.random() < 0.1:
                # Its room is nobody's business but the services': nobody looks into it, which would make it.
                await self._place(person)
            elif room := await self._place(person, is_visited=True):
                for seat in seats:
                    await seat.join(room.order)
            return
        if chance.random() < 0.03:
            await self._rename(person)
            return
        # Now and then a room that is closed: what is refused there must leave nothing.
        room = chance.choice(is_open if is_open and chance.random() < 0.95 else mine)
        await self._talk(person, seats, room, chance)

    async def _admin(self, person, seats, chance):
        is_open = [room for room in self.rooms if room.is_open]
        if not is_open:
            return
        room, seat, roll = chance.choice(is_open), chance.choice(seats), chance.random()
        if roll < 0.15:
            if len(seat.rooms) >= ROOMS_OF_SEAT:
                await seat.leave(chance.choice(list(seat.rooms)))
            await seat.join(room.order)
        elif roll < 0.27 and now() - room.born > seconds(12):
            await self._close(person, seat, room, chance)
        elif roll < 0.42:
            closed = [each for each in self.rooms if not each.is_open and not each.is_completed]
            if closed:
                await self._complete(person, chance.choice(closed))
        else:
            await self._talk(person, seats, room, chance)

    # Operations

    async def _place(self, person, is_visited=False):
        operation = self.history.invoke(person.name, "place")
        text = f"place-{operation.number}"
        body = {"description": text, "specifications": {"of": text}, "quantity": 1 + operation.number % 9}
        operation.input["text"] = text
        if not await self.api.carry_out(
            operation, "POST", "/orders", person, body, {"Idempotency-Key": str(uuid.uuid4())}
        ):
            return None
        operation.order = operation.output["id"]
        room = Room(operation.order, person)
        if is_visited:
            self.rooms.append(room)
        return room

    async def _talk(self, person, seats, room, chance):
        roll, seat = chance.random(), chance.choice(seats)
        if roll < 0.35:
            await self._say(person, room, is_safe=True)
        elif roll < 0.45:
            await self._say(person, room, is_safe=False)
        elif roll < 0.65:
            await self._say_by_socket(seat, room, is_safe=chance.random() < 0.7)
        elif roll < 0.75:
            burst = uuid.uuid4().hex
            client = seat.client
            if client and not client.closed.is_set():
                async with asyncio.TaskGroup() as group:
                    for index in range(chance.randint(2, 5)):
                        operation = self._message(seat.name, room, burst=burst, index=index)
                        group.create_task(self._call_once(seat, client, operation, room))
        elif roll < 0.85:
            await self._read(person, room, chance)
        elif roll < 0.95:
            await self._page(person, room, chance.randint(0, max(0, room.last_seen)))
        else:
            await seat.join(room.order)

    async def _rename(self, person):
        async with self.renaming[person.id]:
            operation = self.history.invoke(person.name, "rename", user=person.id)
            name = operation.input["name"] = f"{person.name}, name {operation.number}"
            await self.api.carry_out(operation, "PATCH", "/users/me", person, {"name": name})

    def _message(self, who, room, **more):
        operation = self.history.invoke(who, "send", room.order, **more)
        operation.input["text"] = f"send-{operation.number}"
        return operation

    async def _say(self, person, room, is_safe):
        operation = self._message(person.name, room)
        body = {"content": operation.input["text"], **({"clientMessageId": str(uuid.uuid4())} if is_safe else {})}
        await self.api.carry_out(operation, "POST", f"/chat/rooms/{room.order}/messages", person, body, retry=is_safe)
        if operation.outcome == "ok":
            room.last_seen = max(room.last_seen, operation.output["seq"])

    async def _say_by_socket(self, seat, room, is_safe):
        operation = self._message(seat.name, room)
        key = str(uuid.uuid4()) if is_safe else None
        while True:
            client = seat.client
            if client and not client.closed.is_set():
                await self._call_once(seat, client, operation, room, key)
                if operation.end is not None and (operation.outcome != "unknown" or not is_safe):
                    return
                operation.end = None
            if now() > self.api.give_up_at or not is_safe:
                operation.settle("unknown", refusal="never answered" if operation.attempts else "never sent")
                return
            await asyncio.sleep(0.3)

    async def _call_once(self, seat, client, operation, room, key=None):
        data = {"orderId": room.order, "content": operation.input["text"], **({"clientMessageId": key} if key else {})}
        attempt = operation.begin(seat.life.name)
        try:
            answer = await client.call("sendMessage", data, CALL_SECONDS)
        except Refused as refusal:
            problem = refusal.problem
            attempt.end, attempt.outcome = now(), f"{problem['status']} {problem['code']}"
            operation.settle("unknown" if problem["status"] >= 500 else "refused", refusal=attempt.outcome)
        except CONNECT_ERRORS as error:
            attempt.end, attempt.outcome = now(), type(error).__name__
            operation.settle("unknown", refusal=attempt.outcome)
        else:
            attempt.end, attempt.outcome = now(), "ok"
            operation.settle("ok", answer)
            room.last_seen = max(room.last_seen, answer["seq"])

    async def _read(self, person, room, chance):
        seq = chance.randint(0, room.last_seen + 2)
        operation = self.history.invoke(person.name, "read", room.order, seq=seq, user=person.id)
        await self.api.carry_out(operation, "POST", f"/chat/rooms/{room.order}/read", person, {"seq": seq})

    async def _page(self, person, room, after):
        operation = self.history.invoke(person.name, "page", room.order, after=after)
        await self.api.carry_out(operation, "GET", f"/chat/rooms/{room.order}/messages?after={after}&limit=100", person)
        if operation.outcome == "ok":
            page = operation.output
            operation.output = {
                "items": [[each["seq"], each["id"]] for each in page["items"]],
                "hasMore": page["hasMore"],
            }

    async def _close(self, person, seat, room, chance):
        operation = self.history.invoke(person.name, "close", room.order)
        summary = operation.input["summary"] = f"close-{operation.number}"
        if chance.random() < 0.25 and seat.client and not seat.client.closed.is_set():
            attempt = operation.begin(seat.life.name)
            try:
                operation.settle(
                    "ok", await seat.client.call("closeRoom", {"orderId": room.order, "summary": summary}, CALL_SECONDS)
                )
                attempt.outcome = "ok"
            except Refused as refusal:
                status, code = refusal.problem["status"], refusal.problem["code"]
                attempt.outcome = f"{status} {code}"
                operation.settle("unknown" if status >= 500 else "refused", refusal=attempt.outcome)
            except CONNECT_ERRORS as error:
                attempt.outcome = type(error).__name__
                operation.settle("unknown", refusal=attempt.outcome)
            attempt.end = now()
        else:
            await self.api.carry_out(
                operation,
                "POST",
                f"/chat/rooms/{room.order}/close",
                person,
                {"summary": summary},
                {"Idempotency-Key": str(uuid.uuid4())},
            )
        if operation.outcome == "ok" or "room-closed" in (operation.refusal or ""):
            room.is_open = False

    async def _complete(self, person, room):
        operation = self.history.invoke(person.name, "complete", room.order)
        await self.api.carry_out(
            operation, "PATCH", f"/orders/{room.order}/status", person, {"status": "Completed"}, retry=False
        )
        if operation.outcome == "ok" or operation.outcome == "unknown":
            # One whose outcome is unknown is tried once more by whoever comes to it next.
            room.is_completed = operation.outcome == "ok"

    async def read_everything(self, person):
        """Every room from its beginning, page by page, as somebody who comes at the end."""
        for room in self.rooms:
            after = 0
            while True:
                await self._page(person, room, after)
                output = self.history.operations[-1].output
                if not output or not output.get("hasMore"):
                    break
                after = output["items"][-1][0]
