"""A history that keeps every promise, from which the tests of the checker make wrong ones."""

from evidence import Evidence
from history import Delivery, History, RoomSession, SocketLife

ORDER, OWNER, ADMIN = "order-1", "user-1", "admin-1"
T = 1000.0


def operation(history, who, kind, at, outcome="ok", output=None, refusal=None, order=ORDER, **data):
    each = history.invoke(who, kind, order, **data)
    attempt = each.begin("18000")
    attempt.start, attempt.end, attempt.outcome = at, at + 0.1, refusal or outcome
    each.settle(outcome, output, refusal)
    each.start, each.end = at, at + 0.1
    return each


def delivery(seq, at, kind="text"):
    return Delivery(seq, f"message-{seq}", kind, at)


def clean():
    """One order, three messages, a close and a completion, watched by one socket that came back once."""
    history, evidence = History(), Evidence()
    history.started = T
    evidence.leftovers = {"orders.outbox": 0, "chat.outbox": 0, "chat.parked_events": 0}
    evidence.orders = [{"id": ORDER, "owner": OWNER, "text": "place-1", "status": "Completed", "version": 3, "at": T}]
    evidence.rooms = [
        {"order": ORDER, "owner": OWNER, "last_seq": 4, "summary": "close-5", "closed_by": ADMIN, "closed_at": T + 20}
    ]
    evidence.audit = [
        {"order": ORDER, "kind": "created", "from": None, "to": None, "actor": OWNER, "at": T},
        {"order": ORDER, "kind": "status-changed", "from": "Review", "to": "Processing", "actor": ADMIN, "at": T + 20},
        {
            "order": ORDER,
            "kind": "status-changed",
            "from": "Processing",
            "to": "Completed",
            "actor": ADMIN,
            "at": T + 30,
        },
    ]
    texts = ["send-2", "send-3", "send-4", "close-5"]
    evidence.messages = [
        {
            "order": ORDER,
            "seq": seq,
            "id": f"message-{seq}",
            "kind": "summary" if seq == 4 else "text",
            "sender": OWNER,
            "text": text,
            "at": T + 5 * seq,
        }
        for seq, text in enumerate(texts, 1)
    ]
    evidence.reads = [{"order": ORDER, "user": OWNER, "seq": 2}]
    evidence.users = [{"id": OWNER, "name": "new"}, {"id": ADMIN, "name": "admin"}]
    evidence.people = [dict(schema=schema, **user) for schema in ("orders", "chat") for user in evidence.users]
    operation(history, "customer", "rename", T + 1, output={}, order=None, user=OWNER, name="new")
    operation(history, "customer", "place", T, output={"id": ORDER}, text="place-1")
    for seq in (1, 2, 3):
        operation(
            history,
            "customer",
            "send",
            T + 5 * seq - 0.05,
            text=texts[seq - 1],
            burst="one",
            index=seq,
            output={"id": f"message-{seq}", "seq": seq},
        )
    operation(history, "admin", "close", T + 19.9, summary="close-5", output={})
    operation(history, "admin", "close", T + 21, "refused", refusal="409 room-closed", summary="close-6")
    operation(history, "customer", "send", T + 22, "refused", refusal="409 room-closed", text="send-7")
    operation(history, "customer", "send", T + 12, "unknown", refusal="503 service-unavailable", text="send-8")
    operation(history, "admin", "complete", T + 30, output={})
    operation(history, "customer", "read", T + 12, seq=2, user=OWNER)
    operation(
        history,
        "customer",
        "page",
        T + 35,
        after=1,
        output={"items": [[2, "message-2"], [3, "message-3"], [4, "message-4"]], "hasMore": False},
    )
    first = [delivery(1, T + 5.1), delivery(2, T + 10.1)]
    history.sessions = [
        RoomSession("seat#1", "customer", ORDER, None, 10, T + 1, 0, False, [], first, [], T + 11),
        RoomSession(
            "seat#2",
            "customer",
            ORDER,
            2,
            10,
            T + 16,
            3,
            False,
            [delivery(3, T + 16)],
            [delivery(4, T + 20.1, "summary")],
            [(4, T + 20.1)],
        ),
    ]
    history.sockets = [
        SocketLife(
            "seat#2",
            "customer",
            OWNER,
            False,
            T + 15,
            statuses=[(ORDER, "Processing", 2, T + 20.2), (ORDER, "Completed", 3, T + 30.2)],
        )
    ]
    return history, evidence
