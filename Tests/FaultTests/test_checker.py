"""The checker is tried on histories that are wrong in one way each: it must object, and to nothing else."""

import copy

import pytest

import report
from checker import Checker
from history import ClockJump, Disturbance, RoomSession
from sample_run import ORDER, T, clean, delivery, operation


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
    evidence.messages.append(dict(evidence.messages[2], seq=5, id="message-5", text="late", at=T + 25))
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
    history.sessions.append(
        RoomSession("seat#3", "customer", ORDER, None, 0, -1.0, 0, False, [], [delivery(1, T + 5)], ended=T + 5)
    )


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


def failed_by_a_clock(history, evidence):
    history.disturbances.append(Disturbance("let a clock jump", ["orders-1", "by 5 s"], T + 4, T + 8))
    history.of("send")[0].attempts[0].outcome = "504 gateway-timeout"


def name_lost(history, evidence):
    for each in [evidence.users[0], *evidence.people]:
        each["name"] = "old" if each["name"] == "new" else each["name"]


def old_name(history, evidence):
    evidence.people[2]["name"] = "old"


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
    failed_by_a_clock: "a wall clock that jumps fails no request",
    name_lost: "an acknowledged name is not lost",
    old_name: "a user has the same name everywhere",
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


def test_a_status_whose_time_is_ahead_may_be_older_than_a_socket():
    history, evidence = clean()
    status_not_told(history, evidence)
    assert Checker(history, evidence).violations() != []
    history.clock_jumps = [ClockJump(T, T + 15, 30)]
    assert Checker(history, evidence).violations() == []


def test_a_name_whose_outcome_is_unknown_may_be_there_or_not():
    for name in ("new", "newer"):
        history, evidence = clean()
        operation(history, "customer", "rename", T + 9, "unknown", order=None, user="user-1", name="newer")
        for each in [evidence.users[0], *evidence.people]:
            each["name"] = name if each["name"] == "new" else each["name"]
        assert Checker(history, evidence).violations() == []


def test_a_name_asked_for_without_an_answer_may_come_later():
    history, evidence = clean()
    operation(history, "customer", "rename", T + 9, output={}, order=None, user="user-1", name="newer")
    name_lost(history, evidence)
    for each in [evidence.users[0], *evidence.people]:
        each["name"] = "new" if each["name"] == "old" else each["name"]
    assert Checker(history, evidence).violations() != []
    history.of("rename")[0].begin("18001").outcome = "504 upstream-timeout"
    assert Checker(history, evidence).violations() == []


def test_a_violation_is_shown_by_its_own_history_and_the_faults_around_it():
    history, evidence = clean()
    lost_message(history, evidence)
    history.disturbances = [
        Disturbance("kill chat", ["chat-1"], T + 16, T + 19),
        Disturbance("kill NATS", ["nats"], T + 500, T + 510),
    ]
    found = Checker(history, evidence).violations()
    shown = report.text(found, history, evidence)
    assert "send-99" in shown and "kill chat" in shown
    assert "send-2" not in shown and "kill NATS" not in shown
