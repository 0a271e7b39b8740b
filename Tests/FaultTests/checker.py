"""Judges a run: its history and the databases against what the product promises."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import check_streams
from evidence import old_names

# The most that a message may take to reach a live socket while nothing is wrong, in seconds.
LIVE_SECONDS = 5
# What a refusal may say; any other one is a violation.
EXPECTED_REFUSALS = {
    "send": {"409 room-closed"},
    "close": {"409 room-closed"},
    "complete": {"409 invalid-status-transition", "412 version-mismatch"},
}

# Faults that do not show, by how their names begin.
HARMLESS = {
    "rolling": "restarting one of two fails no request",
    "let a clock jump": "a wall clock that jumps fails no request",
}


@dataclass
class Violation:
    """One broken promise, with what shows it."""

    rule: str
    text: str
    order: str | None = None
    operations: list = field(default_factory=list)
    sessions: list = field(default_factory=list)


class Checker:
    """All rules over one run. `slack` stretches the bounds of time and no other."""

    def __init__(self, history, evidence, slack=1.0):
        self.history, self.evidence, self.slack = history, evidence, slack
        self.messages = defaultdict(list)
        for message in evidence.messages:
            self.messages[message["order"]].append(message)
        self.rooms = {room["order"]: room for room in evidence.rooms}
        self.orders = {order["id"]: order for order in evidence.orders}
        self.audit = defaultdict(list)
        for entry in evidence.audit:
            self.audit[entry["order"]].append(entry)

    def violations(self):
        rules = (
            self.placed_orders,
            self.every_order_has_its_room,
            self.sent_messages,
            self.sequences,
            self.closings,
            self.statuses,
            self.reads,
            self.pages,
            self.bursts,
            self.refusals,
            self.names,
            self.nothing_is_left,
            self.harmless_faults,
        )
        found = [violation for rule in rules for violation in rule()]
        return found + list(check_streams.violations(self, Violation))

    # Orders

    def placed_orders(self):
        by_text = defaultdict(list)
        for order in self.evidence.orders:
            by_text[order["text"]].append(order)
        for operation in self.history.of("place"):
            stored = by_text[operation.input["text"]]
            yield from self._stored("order", operation, stored, lambda row, answer: row["id"] == answer["id"])

    def every_order_has_its_room(self):
        count = Counter(room["order"] for room in self.evidence.rooms)
        placed = {each.order: each for each in self.history.of("place") if each.order}
        for order in self.evidence.orders:
            operations = [placed[order["id"]]] if order["id"] in placed else []
            if count[order["id"]] != 1:
                yield Violation(
                    "an order has exactly one room",
                    f"order {order['id']} has {count[order['id']]} rooms",
                    order["id"],
                    operations,
                )
            elif self.rooms[order["id"]]["owner"] != order["owner"]:
                yield Violation("a room belongs to its order's owner", f"room {order['id']}", order["id"], operations)
        for order in set(count) - set(self.orders):
            yield Violation("a room has an order", f"room {order} has none", order)

    # Messages

    def sent_messages(self):
        by_text = defaultdict(list)
        for message in self.evidence.messages:
            by_text[message["text"]].append(message)
        for operation in self.history.of("send"):
            stored = by_text[operation.input["text"]]
            yield from self._stored(
                "message",
                operation,
                stored,
                lambda row, answer: (
                    (row["id"], row["seq"], row["order"]) == (answer["id"], answer["seq"], operation.order)
                ),
            )

    def _stored(self, noun, operation, stored, is_same):
        """Acknowledged: once and as said. Refused: not at all. Unknown: at most once."""
        name = f"{operation.kind} {operation.number} ({operation.outcome})"
        if operation.outcome == "ok" and not stored:
            yield Violation(
                f"an acknowledged {noun} is not lost", f"{name} is not in the database", operation.order, [operation]
            )
        elif operation.outcome == "refused" and stored:
            yield Violation(
                f"a refused {noun} does not exist", f"{name} is in the database: {stored}", operation.order, [operation]
            )
        elif len(stored) > 1:
            yield Violation(
                f"one {noun} asked for is stored at most once",
                f"{name} is there {len(stored)} times: {stored}",
                operation.order,
                [operation],
            )
        elif operation.outcome == "ok" and not is_same(stored[0], operation.output):
            yield Violation(
                f"a stored {noun} is the one acknowledged",
                f"{name} is stored as {stored[0]}",
                operation.order,
                [operation],
            )

    def sequences(self):
        for order, messages in self.messages.items():
            seqs = [message["seq"] for message in messages]
            if seqs != list(range(1, len(seqs) + 1)):
                yield Violation("seq is 1, 2, 3 … without a gap", f"room {order} has {seqs}", order)
            if order in self.rooms and self.rooms[order]["last_seq"] != len(seqs):
                yield Violation(
                    "lastSeq counts the messages",
                    f"room {order} says {self.rooms[order]['last_seq']}, has {len(seqs)}",
                    order,
                )
            summaries = [message["seq"] for message in messages if message["kind"] == "summary"]
            if len(summaries) > 1 or (summaries and summaries[0] != seqs[-1]):
                yield Violation(
                    "nothing follows the closing summary",
                    f"room {order} goes to {seqs[-1]}, summaries at {summaries}",
                    order,
                    [each for each in self.history.of("send", "close") if each.order == order][-6:],
                )

    def bursts(self):
        """What one socket sent to one room without waiting is stored in that order."""
        where = {message["text"]: message["seq"] for message in self.evidence.messages}
        bursts = defaultdict(list)
        for operation in self.history.of("send"):
            if "burst" in operation.input and operation.input["text"] in where:
                bursts[operation.input["burst"]].append(operation)
        for operations in bursts.values():
            seqs = [where[each.input["text"]] for each in sorted(operations, key=lambda each: each.input["index"])]
            if seqs != sorted(seqs):
                yield Violation(
                    "a socket's sends keep their order", f"stored as {seqs}", operations[0].order, operations
                )

    # Closing and statuses

    def closings(self):
        closes = defaultdict(list)
        for operation in self.history.of("close"):
            closes[operation.order].append(operation)
        for order, operations in closes.items():
            room = self.rooms.get(order, {})
            done = [each for each in operations if each.outcome == "ok"]
            if len(done) > 1:
                yield Violation("a room is closed once", f"room {order} was by {len(done)} people", order, done)
            for each in done:
                if room.get("summary") != each.input["summary"]:
                    yield Violation(
                        "an acknowledged close is not lost",
                        f"close {each.number} is not what room {order} says: {room.get('summary')}",
                        order,
                        [each],
                    )
            for each in operations:
                if each.outcome == "refused" and room.get("summary") == each.input["summary"]:
                    yield Violation(
                        "a close that was done is not refused when asked again",
                        f"close {each.number} was refused ({each.refusal}) and is what closed the room",
                        order,
                        [each],
                    )
        firsts = {order: min((each.start for each in each_room), default=None) for order, each_room in closes.items()}
        acknowledged = {
            order: min((each.end for each in each_room if each.outcome == "ok"), default=None)
            for order, each_room in closes.items()
        }
        for send in self.history.of("send"):
            if send.refusal == "409 room-closed" and not (firsts.get(send.order) or float("inf")) <= send.end:
                yield Violation(
                    "an open room takes messages",
                    f"send {send.number} was refused before any close",
                    send.order,
                    [send],
                )
            closed = acknowledged.get(send.order)
            if send.outcome == "ok" and closed and send.start > closed:
                yield Violation(
                    "after a close acknowledged no send is accepted",
                    f"send {send.number} was accepted",
                    send.order,
                    [*closes[send.order], send],
                )

    def statuses(self):
        completes = defaultdict(list)
        for operation in self.history.of("complete"):
            completes[operation.order].append(operation)
        for order, row in self.orders.items():
            room = self.rooms.get(order) or {}
            moves = [(each["from"], each["to"]) for each in self.audit[order] if each["kind"] == "status-changed"]
            related = [each for each in self.history.of("close", "complete") if each.order == order]
            expected = {
                "Review": [],
                "Processing": [("Review", "Processing")],
                "Completed": [("Review", "Processing"), ("Processing", "Completed")],
            }[row["status"]]
            if moves != expected:
                yield Violation(
                    "each move has exactly one audit entry",
                    f"order {order} is {row['status']}, its audit says {moves}",
                    order,
                    related,
                )
            if bool(room.get("summary")) != (row["status"] != "Review"):
                yield Violation(
                    "a closed room's order is Processing, an open one's is in Review",
                    f"order {order} is {row['status']}, its room's summary is {room.get('summary')!r}",
                    order,
                    related,
                )
            created = [each for each in self.audit[order] if each["kind"] == "created"]
            if len(created) != 1 or row["version"] != len(self.audit[order]):
                yield Violation(
                    "the timeline has one entry for each version",
                    f"order {order} at version {row['version']} has {self.audit[order]}",
                    order,
                    related,
                )
            done = [each for each in completes[order] if each.outcome == "ok"]
            if len(done) > 1 or (done and row["status"] != "Completed"):
                yield Violation(
                    "an acknowledged completion is not lost and happens once",
                    f"order {order} is {row['status']}",
                    order,
                    done,
                )

    # The rest

    def reads(self):
        """A position never moves back, nor past the last message."""
        stored = {(row["order"], row["user"]): row["seq"] for row in self.evidence.reads}
        sent = defaultdict(list)
        for send in self.history.of("send"):
            if send.outcome == "ok":
                sent[send.order].append((send.end, send.output["seq"]))
        for read in self.history.of("read"):
            if read.outcome != "ok":
                continue
            seq = stored.get((read.order, read.input["user"]), 0)
            # What was certainly there when it was read.
            there = max((seq for end, seq in sent[read.order] if end < read.start), default=0)
            if seq > len(self.messages[read.order]):
                yield Violation("reading does not go past the last message", f"stands at {seq}", read.order, [read])
            elif seq < min(read.input["seq"], there):
                yield Violation("an acknowledged reading is not lost", f"stands at {seq}", read.order, [read])

    def pages(self):
        for page in self.history.of("page"):
            if page.outcome != "ok":
                continue
            items = [tuple(each) for each in page.output["items"]]
            begin = page.input["after"]
            stored = [(each["seq"], each["id"]) for each in self.messages[page.order]]
            if items != stored[begin : begin + len(items)]:
                yield Violation(
                    "every reader sees the same sequence",
                    f"page after {begin} was {items}, stored is {stored[begin : begin + len(items)]}",
                    page.order,
                    [page],
                )

    def refusals(self):
        for operation in self.history.operations:
            refusal = operation.refusal or ""
            is_expected = refusal in EXPECTED_REFUSALS.get(operation.kind, set())
            if (operation.outcome == "refused" and not is_expected) or refusal.startswith("500"):
                yield Violation(
                    "nothing right is refused, and no fault is a 500",
                    f"{operation.kind} {operation.number} by {operation.who}: {refusal}",
                    operation.order,
                    [operation],
                )

    def nothing_is_left(self):
        for name, count in self.evidence.leftovers.items():
            if count:
                yield Violation("every outbox is emptied and nothing is parked", f"{name} has {count} rows")

    def names(self):
        """Who renames themself is called so, everywhere and for good."""
        names = {user["id"]: user["name"] for user in self.evidence.users}
        renames = defaultdict(list)
        for rename in self.history.of("rename"):
            renames[rename.input["user"]].append(rename)
        for user, operations in renames.items():
            # One after the other. What was asked without an answer may be done at any time later.
            certain = max((index for index, each in enumerate(operations) if each.outcome == "ok"), default=None)
            possible = [
                each.input["name"]
                for index, each in enumerate(operations)
                if index >= (certain or 0) or any(attempt.outcome[:2] != "ok" for attempt in each.attempts)
            ]
            if certain is not None and names.get(user) not in possible:
                yield Violation(
                    "an acknowledged name is not lost",
                    f"user {user} is called {names.get(user)!r}",
                    None,
                    operations[certain:],
                )
        for schema, user, there, name in old_names(self.evidence):
            yield Violation(
                "a user has the same name everywhere",
                f"{schema} calls {user} {there!r}, not {name!r}",
                None,
                renames[user][-3:],
            )

    def harmless_faults(self):
        """Some faults fail no request, when nothing else is wrong."""
        for fault in self.history.disturbances:
            rule = next((rule for name, rule in HARMLESS.items() if fault.what.startswith(name)), None)
            if not rule or "gateway" in fault.what:
                continue
            if any(
                each is not fault and each.start < fault.end and (each.end or fault.end) > fault.start - 3
                for each in self.history.disturbances
            ):
                continue
            for operation in self.history.operations:
                for attempt in operation.attempts:
                    if fault.start < attempt.start < fault.end and attempt.outcome[:3] in ("500", "502", "503", "504"):
                        yield Violation(
                            rule,
                            f"{operation.kind} {operation.number}: {attempt.outcome} in {fault.what}",
                            operation.order,
                            [operation],
                        )
