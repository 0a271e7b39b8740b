"""The checker is tried on histories that are wrong in one way each: it must object, and to nothing else."""

import copy

import pytest

import report
from checker import Checker
from evidence import Evidence
from history import Delivery, Disturbance, History, RoomSession, SocketLife

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
    evidence.orders = [dict(id=ORDER, owner=OWNER, text="place-1", status="Completed", version=3, at=T)]
    evidence.rooms = [dict(order=ORDER, owner=OWNER, last_seq=4, summary="close-5", closed_by=ADMIN, closed_at=T + 20)]
    evidence.audit = [
        {"order": ORDER, "kind": "created", "from": None, "to": None, "actor": OWNER, "at": T},
        {"order": ORDER, "kind": "status-changed", "from": "Review", "to": "Processing", "actor": ADMIN, "at": T + 20},
        {"order": ORDER, "kind": "status-changed", "from": "Processing", "to": "Completed", "actor": ADMIN,
         "at": T + 30}]
    texts = ["send-2", "send-3", "send-4", "close-5"]
    evidence.messages = [dict(order=ORDER, seq=seq, id=f"message-{seq}", kind="summary" if seq == 4 else "text",
                              sender=OWNER, text=text, at=T + 5 * seq) for seq, text in enumerate(texts, 1)]
    evidence.reads = [dict(order=ORDER, user=OWNER, seq=2)]
    operation(history, "customer", "place", T, output={"id": ORDER}, text="place-1")
    for seq in (1, 2, 3):
        operation(history, "customer", "send", T + 5 * seq - 0.05, text=texts[seq - 1], burst="one", index=seq,
                  output={"id": f"message-{seq}", "seq": seq})
    operation(history, "admin", "close", T + 19.9, summary="close-5", output={})
    operation(history, "admin", "close", T + 21, "refused", refusal="409 room-closed", summary="close-6")
    operation(history, "customer", "send", T + 22, "refused", refusal="409 room-closed", text="send-7")
    operation(history, "customer", "send", T + 12, "unknown", refusal="503 service-unavailable", text="send-8")
    operation(history, "admin", "complete", T + 30, output={})
    operation(history, "customer", "read", T + 12, seq=2, user=OWNER)
    operation(history, "customer", "page", T + 35, after=1,
              output={"items": [[2, "message-2"], [3, "message-3"], [4, "message-4"]], "hasMore": False})
    history.sessions = [
        RoomSession("seat#1", "customer", ORDER, None, 10, T + 1, 0, False, [], [delivery(1, T + 5.1),
                                                                              delivery(2, T + 10.1)], [], T + 11),
        RoomSession("seat#2", "customer", ORDER, 2, 10, T + 16, 3, False, [delivery(3, T + 16)],
                    [delivery(4, T + 20.1, "summary")], [(4, T + 20.1)])]
    history.sockets = [SocketLife("seat#2", "customer", OWNER, False, T + 15, statuses=[
        (ORDER, "Processing", 2, T + 20.2), (ORDER, "Completed", 3, T + 30.2)])]
    return history, evidence


def drop(items, **wanted):
    kept = [each for each in items if any(each.get(key) != value for key, value in wanted.items())]
    assert len(kept) < len(items)
    items[:] = kept


def lost_message(history, evidence):
    # The last of them, so that the sequence itself shows nothing.
    operation(history, "customer", "send", T + 17, text="send-99", output={"id": "message-9", "seq": 9})


def doubled_message(history, evidence):
    evidence.messages[2].update(text="send-3")
    history.operations = [each for each in history.operations if each.input.get("text") != "send-4"]


def doubled_unknown(history, evidence):
    evidence.messages[0].update(text="send-8")
    evidence.messages[1].update(text="send-8")
    history.operations = [each for each in history.operations if each.input.get("text") not in ("send-2", "send-3")]


def stored_refusal(history, evidence):
    evidence.messages[2]["text"] = "send-7"
    history.operations = [each for each in history.operations if each.input.get("text") != "send-4"]


def other_message_acknowledged(history, evidence):
    history.of("send")[0].output["id"] = "message-77"


def reordered_burst(history, evidence):
    first, second = history.of("send")[:2]
    first.input["index"], second.input["index"] = 2, 1


def gap(history, evidence):
    drop(evidence.messages, seq=2)


def message_after_summary(history, evidence):
    evidence.messages.append(dict(order=ORDER, seq=5, id="message-5", kind="text", sender=OWNER, text="late", at=T + 25))
    evidence.rooms[0]["last_seq"] = 5


def wrong_count(history, evidence):
    evidence.rooms[0]["last_seq"] = 7


def lost_order(history, evidence):
    operation(history, "customer", "place", T, order="order-2", output={"id": "order-2"}, text="place-77")


def doubled_order(history, evidence):
    for rows in (evidence.orders, evidence.rooms, evidence.audit):
        for row in list(rows):
            rows.append({key: "order-2" if value == ORDER else value for key, value in row.items()})


def two_rooms(history, evidence):
    evidence.rooms.append(dict(evidence.rooms[0]))


def no_room(history, evidence):
    evidence.rooms.clear()


def missing_audit(history, evidence):
    drop(evidence.audit, to="Processing")


def doubled_audit(history, evidence):
    evidence.audit.append(dict(evidence.audit[1]))


def status_not_moved(history, evidence):
    evidence.orders[0].update(status="Review", version=1)
    del evidence.audit[1:]
    history.operations = [each for each in history.operations if each.kind != "complete"]


def moved_without_close(history, evidence):
    evidence.rooms[0]["summary"] = None


def closed_by_another(history, evidence):
    evidence.rooms[0]["summary"] = "close-6"


def closed_twice(history, evidence):
    operation(history, "admin", "close", T + 21, summary="close-9", output={})


def completion_lost(history, evidence):
    evidence.orders[0].update(status="Processing", version=2)
    evidence.audit.pop()


def send_after_close(history, evidence):
    evidence.messages[2]["text"] = "send-70"
    operation(history, "customer", "send", T + 25, text="send-70", output={"id": "message-3", "seq": 3})


def refused_while_open(history, evidence):
    operation(history, "customer", "send", T + 3, "refused", refusal="409 room-closed", text="send-71")


def forbidden(history, evidence):
    operation(history, "customer", "join", T + 3, "refused", refusal="404 not-found")


def internal_error(history, evidence):
    operation(history, "customer", "send", T + 3, "unknown", refusal="500 internal", text="send-72")


def full_outbox(history, evidence):
    evidence.leftovers["chat.outbox"] = 2


def parked_event(history, evidence):
    evidence.leftovers["chat.parked_events"] = 1


def read_too_far(history, evidence):
    evidence.reads[0]["seq"] = 9


def read_lost(history, evidence):
    evidence.reads[0]["seq"] = 1


def page_with_a_hole(history, evidence):
    del history.of("page")[0].output["items"][1]


def stream_gap(history, evidence):
    history.sessions[0].live[0] = delivery(2, T + 5.1)
    del history.sessions[0].live[1]


def stream_repeat(history, evidence):
    history.sessions[0].live.append(delivery(2, T + 10.2))


def stream_reordered(history, evidence):
    history.sessions[0].live.reverse()


def stream_of_others(history, evidence):
    history.sessions[0].live[1].id = "message-other"


def repeat_after_reconnecting(history, evidence):
    history.sessions[1].page.insert(0, delivery(2, T + 16))


def gap_after_reconnecting(history, evidence):
    history.sessions[1].page.clear()


def unasked_messages(history, evidence):
    history.sessions.append(RoomSession("seat#3", "customer", ORDER, None, 0, -1.0, 0, False, [],
                                        [delivery(1, T + 5)], ended=T + 5))


def undelivered_at_the_end(history, evidence):
    history.sessions[1].live.clear()
    history.sessions[1].closings.clear()


def late_message(history, evidence):
    history.sessions[0].live[1].at = T + 17


def no_closing_notice(history, evidence):
    history.sessions[1].closings.clear()


def status_not_told(history, evidence):
    history.sockets[0].statuses.pop()


def status_told_backwards(history, evidence):
    history.sockets[0].statuses.append((ORDER, "Processing", 2, T + 31))


def failed_in_rolling_restart(history, evidence):
    history.disturbances = [Disturbance("rolling restart of chat", ["chat-1"], T + 3, T + 13)]
    history.of("send")[0].attempts[0].outcome = "503 service-unavailable"


FAULTS = {
    lost_message: "an acknowledged message is not lost",
    doubled_message: "one message asked for is stored at most once",
    doubled_unknown: "one message asked for is stored at most once",
    stored_refusal: "a refused message does not exist",
    other_message_acknowledged: "a stored message is the one acknowledged",
    reordered_burst: "a socket's sends keep their order",
    gap: "seq is 1, 2, 3 … without a gap",
    message_after_summary: "nothing follows the closing summary",
    wrong_count: "lastSeq counts the messages",
    lost_order: "an acknowledged order is not lost",
    doubled_order: "one order asked for is stored at most once",
    two_rooms: "an order has exactly one room",
    no_room: "an order has exactly one room",
    missing_audit: "each move has exactly one audit entry",
    doubled_audit: "each move has exactly one audit entry",
    status_not_moved: "a closed room's order is Processing, an open one's is in Review",
    moved_without_close: "a closed room's order is Processing, an open one's is in Review",
    closed_by_another: "an acknowledged close is not lost",
    closed_twice: "a room is closed once",
    completion_lost: "an acknowledged completion is not lost and happens once",
    send_after_close: "after a close acknowledged no send is accepted",
    refused_while_open: "an open room takes messages",
    forbidden: "nothing right is refused, and no fault is a 500",
    internal_error: "nothing right is refused, and no fault is a 500",
    full_outbox: "every outbox is emptied and nothing is parked",
    parked_event: "every outbox is emptied and nothing is parked",
    read_too_far: "reading does not go past the last message",
    read_lost: "an acknowledged reading is not lost",
    page_with_a_hole: "every reader sees the same sequence",
    stream_gap: "a socket misses nothing and gets nothing twice",
    stream_repeat: "a socket misses nothing and gets nothing twice",
    stream_reordered: "a socket misses nothing and gets nothing twice",
    stream_of_others: "what a socket gets is what is stored",
    repeat_after_reconnecting: "a socket misses nothing and gets nothing twice",
    gap_after_reconnecting: "a socket misses nothing and gets nothing twice",
    unasked_messages: "nothing comes from a room before its join is answered, nor after a failed join",
    undelivered_at_the_end: "a socket misses nothing and gets nothing twice",
    late_message: "a message reaches a live socket within 5 s",
    no_closing_notice: "roomClosed comes once, after the summary",
    status_not_told: "who is connected is told of a status",
    status_told_backwards: "a status is never told backwards",
    failed_in_rolling_restart: "restarting one of two fails no request",
}


def test_a_clean_run_passes():
    history, evidence = clean()
    assert [each.text for each in Checker(history, evidence).violations()] == []
    assert report.text([], history, evidence) == "No violation."


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_the_checker_objects_to(spoil):
    history, evidence = clean()
    untouched = copy.deepcopy(evidence)
    spoil(history, evidence)
    found = Checker(history, evidence).violations()
    assert FAULTS[spoil] in {each.rule for each in found}, [each.rule for each in found]
    # What is printed must hold together for every kind of violation.
    assert report.text(found, history, untouched)


def test_a_message_is_not_late_while_something_was_wrong():
    history, evidence = clean()
    late_message(history, evidence)
    history.disturbances = [Disturbance("kill chat", ["chat-1"], T + 9.9, T + 14)]
    assert Checker(history, evidence).violations() == []


def test_a_request_may_fail_in_a_rolling_restart_when_something_else_is_wrong():
    history, evidence = clean()
    failed_in_rolling_restart(history, evidence)
    history.disturbances.append(Disturbance("kill NATS", ["nats"], T + 2, T + 6))
    assert Checker(history, evidence).violations() == []


def test_a_violation_is_shown_by_its_own_history_and_the_faults_around_it():
    history, evidence = clean()
    lost_message(history, evidence)
    history.disturbances = [Disturbance("kill chat", ["chat-1"], T + 16, T + 19),
                            Disturbance("kill NATS", ["nats"], T + 500, T + 510)]
    found = Checker(history, evidence).violations()
    shown = report.text(found, history, evidence)
    assert "send-99" in shown and "kill chat" in shown
    assert "send-2" not in shown and "kill NATS" not in shown
