"""Engine.IO protocol 4 (https://socket.io/docs/v4/engine-io-protocol/), packet by packet, over both transports."""

import base64
import contextlib
import json
import time

import pytest

from Harness.frames import CLOSE, PING, PONG, TEXT, frame, handshake
from Harness.settings import seconds
from Harness.waiting import until
from Harness.wire import exchange
from server import MAX_PAYLOAD, PING_INTERVAL, PING_TIMEOUT
from sessions import Asked, Polling, Socket, ask, target

PATH = "/engine.io/"
UNKNOWN_TRANSPORT, UNKNOWN_SESSION, BAD_METHOD, BAD_REQUEST, UNSUPPORTED = 0, 1, 2, 3, 5


def pause(duration=0.005):
    """As long as clients take between two requests that are to come in this order."""
    time.sleep(duration)  # noqa: TID251 a pace is meant: nothing tells a client that its poll waits


def is_over(session):
    """Whether the session is no more, whoever asks."""
    polled, posted = session.poll(), session.post("4x")
    return [json.loads(text)["code"] for status, text in (polled, posted) if status == 400] == [UNKNOWN_SESSION] * 2


# The handshake


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_session_begins_with_what_the_client_must_know(base, transport):
    if transport == "polling":
        handshake, upgrades = Polling(base).handshake, ["websocket"]
    else:
        with Socket.opened(base) as socket:
            handshake, upgrades = socket.handshake, []
    assert handshake.pop("sid")
    assert handshake == {
        "upgrades": upgrades,
        "pingInterval": PING_INTERVAL * 1000,
        "pingTimeout": PING_TIMEOUT * 1000,
        "maxPayload": MAX_PAYLOAD,
    }


def test_names_of_sessions_are_not_guessed(base):
    names = {Polling(base).sid for _ in range(20)}
    assert len(names) == 20 and all(len(name.rsplit(".")[-1]) >= 22 for name in names), names


REFUSED = [
    ("GET", {}, UNKNOWN_TRANSPORT),
    ("GET", {"EIO": 4}, UNKNOWN_TRANSPORT),
    ("GET", {"EIO": 4, "transport": "abc"}, UNKNOWN_TRANSPORT),
    ("GET", {"EIO": 4, "transport": "Polling"}, UNKNOWN_TRANSPORT),
    ("GET", {"EIO": 4, "transport": ""}, UNKNOWN_TRANSPORT),
    ("GET", {"transport": "polling"}, UNSUPPORTED),
    ("GET", {"EIO": "abc", "transport": "polling"}, UNSUPPORTED),
    ("GET", {"EIO": 3, "transport": "polling"}, UNSUPPORTED),
    ("GET", {"EIO": 5, "transport": "polling"}, UNSUPPORTED),
    ("GET", {"EIO": "04", "transport": "polling"}, UNSUPPORTED),
    ("POST", {"EIO": 4, "transport": "polling"}, BAD_METHOD),
    ("PUT", {"EIO": 4, "transport": "polling"}, BAD_METHOD),
    ("DELETE", {"EIO": 4, "transport": "polling"}, BAD_METHOD),
    # No WebSocket is asked for.
    ("GET", {"EIO": 4, "transport": "websocket"}, BAD_REQUEST),
    ("GET", {"EIO": 4, "transport": "polling", "sid": "x"}, UNKNOWN_SESSION),
    ("GET", {"EIO": 4, "transport": "polling", "sid": ""}, UNKNOWN_SESSION),
    ("GET", {"EIO": 4, "transport": "polling", "sid": "conformance." + "a" * 22}, UNKNOWN_SESSION),
    ("POST", {"EIO": 4, "transport": "polling", "sid": "conformance." + "a" * 22}, UNKNOWN_SESSION),
]


@pytest.mark.parametrize("method, query, code", REFUSED)
def test_a_request_that_asks_for_nothing_is_refused_with_its_code(base, method, query, code):
    body = "4hello" if method in ("POST", "PUT") else None
    status, text = ask(base, method, target(PATH, **query), body)
    assert status == 400 and json.loads(text)["code"] == code and json.loads(text)["message"], text


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"EIO": 4},
        {"EIO": 4, "transport": "abc"},
        {"EIO": 4, "transport": "polling"},
        {"transport": "websocket"},
        {"EIO": "abc", "transport": "websocket"},
        {"EIO": 3, "transport": "websocket"},
        {"EIO": 4, "transport": "websocket", "sid": "x"},
        {"EIO": 4, "transport": "websocket", "sid": "conformance." + "a" * 22},
    ],
)
def test_a_websocket_that_asks_for_nothing_does_not_open(base, query):
    (answer,) = exchange(base, handshake(target(PATH, **query).encode()))
    assert answer.status == 400 and answer.headers["connection"] == "close", answer


def test_another_method_at_a_session_is_refused(base):
    session = Polling(base)
    for method in ("PUT", "DELETE", "PATCH"):
        status, text = ask(base, method, session.where(), "4hello")
        assert status == 400 and json.loads(text)["code"] == BAD_REQUEST, (method, text)
    assert session.post("4hello") == (200, "ok")


# Messages


def without_pings(text):
    return "\x1e".join(packet for packet in text.split("\x1e") if packet != "2")


def in_order(session, *bodies):
    """What comes back of what is posted, pings left out."""
    for body in bodies:
        assert session.post(body) == (200, "ok")
    wanted = "\x1e".join(bodies)
    got = ""
    while len(got) < len(wanted):
        status, text = session.poll_past_pings()
        assert status == 200, text
        got += ("\x1e" if got else "") + text
    return got == wanted


@pytest.mark.parametrize(
    "body",
    [
        "4hello",
        "4test1\x1e4test2\x1e4test3",
        "4hello\x1ebAQIDBA==",
        "4",
        "b",
        "bAQ==\x1ebAg==",
        "4€\U0001f600",
        "4\x00",
    ],
)
def test_messages_come_back_over_polling(base, body):
    session = Polling(base)
    assert session.post(body) == (200, "ok")
    assert session.poll_past_pings() == (200, body)


def test_messages_of_several_posts_keep_their_order(base):
    assert in_order(Polling(base), *[f"4message {n}" for n in range(50)])


def test_more_messages_than_are_taken_at_once_all_come_back(base):
    assert in_order(Polling(base), "\x1e".join(f"4{n}" for n in range(2000)), "4last")


def test_a_poll_that_waits_is_answered_when_there_is_something(base):
    session = Polling(base)
    for n in range(20):
        poll = session.begin_poll()
        assert session.post(f"4{n}\x1e3") == (200, "ok")
        status, text = poll.answer()
        if text == "2":
            status, text = session.poll()
        assert status == 200 and without_pings(text) == f"4{n}", text


@pytest.mark.parametrize(
    "kind", ["text/plain;charset=UTF-8", "application/octet-stream", "application/json", "multipart/form-data", "x", ""]
)
def test_a_body_may_say_whatever_it_likes_of_its_type(base, kind):
    session = Polling(base)
    assert session.post("4hello", {"Content-Type": kind}) == (200, "ok")
    assert session.poll_past_pings() == (200, "4hello")


def test_answers_say_that_they_are_text(base):
    session = Polling(base)
    post = session.begin_post("4€")
    assert post.answer() == (200, "ok")
    poll = session.begin_poll()
    status, text = poll.answer()
    assert status == 200 and without_pings(text) in ("", "4€"), text
    assert poll.type.lower().replace(" ", "") == "text/plain;charset=utf-8"


def test_requests_of_a_session_may_share_a_connection(base):
    session = Polling(base)
    connection = Asked(base, "GET", "/sockets").connection
    connection.getresponse().read()
    got = ""
    for n in range(30):
        connection.request("POST", session.where(), f"3\x1e4{n}")
        assert connection.getresponse().read() == b"ok", n
        connection.request("GET", session.where())
        text = connection.getresponse().read().decode()
        got += without_pings(text).replace("\x1e", "")
    connection.close()
    # A ping may have taken the last poll.
    assert "".join(f"4{n}" for n in range(30)).startswith(got) and len(got) > 40, got


@pytest.mark.parametrize(
    "body",
    [
        "abc",
        "",
        "7",
        "0",
        "0{}",
        " 4hello",
        "4hello\x1e",
        "\x1e4hello",
        "4a\x1e\x1e4b",
        "bAQIDB",
        "b*",
        "b AQ==",
        "4a\x1eabc",
        b"4\xff",
        b"4\xc0\x80",
        b"4\xed\xa0\x80",
        b"4\xe2\x82",
        b"\xff\xfe",
        b"4a\x1e4\xf4\x90\x80\x80",
    ],
)
def test_a_body_that_is_no_list_of_packets_ends_the_session(base, body):
    session = Polling(base)
    assert session.post(body)[0] == 400
    assert is_over(session)


def test_a_body_of_the_largest_size_is_taken_and_one_above_is_refused(base):
    session = Polling(base)
    body = "4" + "x" * (MAX_PAYLOAD - 1)
    assert session.post(body) == (200, "ok")
    assert session.poll_past_pings() == (200, body)
    assert session.post(body + "x")[0] == 413
    assert session.post("4and on") == (200, "ok")
    assert session.poll_past_pings() == (200, "4and on")


def test_a_poll_that_waits_beside_another_ends_the_session(base):
    session = Polling(base)
    first = session.begin_poll()
    pause()
    second = session.begin_poll()
    # Which of them the server has first is not ours to say when the machine is busy.
    answers = sorted([first.answer(), second.answer()])
    assert answers[0] == (200, "1") and answers[1][0] == 400, answers
    assert is_over(session)


def test_a_post_that_comes_beside_another_ends_the_session(base):
    """Two at once, each of them more than is taken in one go."""
    session = Polling(base)
    many = "\x1e".join(["4" + "x" * 900] * 1000)
    posts = [session.begin_post(many) for _ in range(20)]
    answers = {post.answer()[0] for post in posts}
    assert 400 in answers and answers <= {200, 400}, answers
    assert is_over(session)


def test_a_poll_that_its_client_gives_up_ends_the_session(base):
    session = Polling(base)
    poll = session.begin_poll()
    pause()
    poll.abandon()
    until(lambda: is_over(session), 10, "the session ends")


def test_a_connection_that_ends_with_no_poll_leaves_the_session(base):
    session = Polling(base)
    for n in range(5):
        connection = Asked(base, "POST", session.where(), f"3\x1e4{n}").connection
        assert connection.getresponse().read() == b"ok"
        connection.close()
    got = []
    while len(got) < 5:
        status, text = session.poll_past_pings()
        assert status == 200, text
        got += text.split("\x1e")
    assert got == [f"4{n}" for n in range(5)]


@pytest.mark.parametrize(
    "message", ["4hello", "4", "4€\U0001f600", "4" + "x" * (MAX_PAYLOAD - 1), b"", b"\x01\x02\xff"]
)
def test_messages_come_back_over_a_websocket(base, message):
    with Socket.opened(base) as socket:
        socket.say(message)
        assert socket.hear_past_pings() == message


@pytest.mark.parametrize("packet", ["abc", "", "7", "0", "bAQ==", " 4"])
def test_a_message_that_is_no_packet_ends_the_session(base, packet):
    with Socket.opened(base) as socket:
        socket.say(packet, "4behind it")
        assert socket.is_closed_by_server()


def test_a_message_above_the_largest_size_ends_the_session(base):
    with Socket.opened(base) as socket:
        socket.say("4" + "x" * MAX_PAYLOAD)
        closing = socket.rest()[-1]
        assert closing[0] == CLOSE and int.from_bytes(closing[1][:2]) == 1009, closing


def test_packets_that_ask_for_nothing_are_taken(base):
    with Socket.opened(base) as socket:
        socket.say("3", "3probe", "6", "5", "2", "2probe", "4hello")
        assert [socket.hear_past_pings() for _ in range(3)] == ["3", "3probe", "4hello"]
    session = Polling(base)
    assert session.post("3\x1e3probe\x1e6\x1e5\x1e2x\x1e4hello") == (200, "ok")
    got = ""
    while "4hello" not in got:
        got += session.poll_past_pings()[1]
    assert got.replace("\x1e", "") == "3x4hello"


def test_control_frames_of_the_websocket_are_answered(base):
    with Socket.opened(base) as socket:
        socket.send(frame(PING, b"are you there"))
        while (got := socket.read()) == (TEXT, b"2"):
            pass
        assert got == (PONG, b"are you there")


# The heartbeat


def test_pings_come_at_their_time_over_polling(base):
    session = Polling(base)
    begun = time.monotonic()
    for n in range(1, 4):
        assert session.poll() == (200, "2")
        assert time.monotonic() - begun > n * PING_INTERVAL - 0.05
        assert session.post("3") == (200, "ok")
    assert time.monotonic() - begun < seconds(3 * PING_INTERVAL + 5)


def test_pings_come_at_their_time_over_a_websocket(base):
    with Socket.opened(base) as socket:
        begun = time.monotonic()
        for n in range(1, 4):
            assert socket.hear() == "2"
            assert time.monotonic() - begun > n * PING_INTERVAL - 0.05
            socket.say("3")


def test_whoever_sends_other_things_is_heard_too(base):
    """What keeps a session is that something comes, not that it is a pong."""
    with Socket.opened(base) as socket:
        for _ in range(4):
            assert socket.hear() == "2"
            socket.say("4still here")
            assert socket.hear() == "4still here"


def test_a_session_that_does_not_answer_is_over_at_its_time_over_polling(base):
    session = Polling(base)
    pause(PING_INTERVAL + PING_TIMEOUT)
    assert session.poll()[0] == 400
    assert is_over(session)


def test_who_polls_is_heard(base):
    session = Polling(base)
    assert [session.poll() for _ in range(4)] == [(200, "2")] * 4


def test_a_session_that_does_not_answer_is_over_over_a_websocket(base):
    with Socket.opened(base) as socket:
        begun = time.monotonic()
        assert socket.is_closed_by_server()
        assert (
            PING_INTERVAL + PING_TIMEOUT - 0.05 < time.monotonic() - begun < seconds(PING_INTERVAL + PING_TIMEOUT + 2)
        )


# The end


def test_a_close_lets_the_poll_go_that_waits(base):
    session = Polling(base)
    poll, post = session.begin_poll(), session.begin_post("1")
    assert post.answer() == (200, "ok")
    assert poll.answer() == (200, "6")
    assert is_over(session)


def test_a_close_with_nothing_waiting_ends_the_session(base):
    session = Polling(base)
    assert session.post("4last words\x1e1\x1e4nothing") == (200, "ok")
    until(lambda: is_over(session), 10, "the session ends")


def test_a_close_ends_a_websocket(base):
    with Socket.opened(base) as socket:
        socket.say("1")
        assert socket.is_closed_by_server()


# The change to a WebSocket


def test_a_session_changes_to_a_websocket(base):
    session = Polling(base)
    with session.open_websocket() as socket:
        socket.say("2probe")
        assert socket.hear() == "3probe"
        assert session.poll_past_pings() == (200, "6")
        socket.say("5", "4hello")
        assert socket.hear_past_pings() == "4hello"
        for n in range(20):
            socket.say(f"4{n}", b"\x01")
        assert [socket.hear_past_pings() for _ in range(40)] == [m for n in range(20) for m in (f"4{n}", b"\x01")]


def test_the_poll_that_waits_is_let_go_by_the_probe(base):
    session = Polling(base)
    poll = session.begin_poll()
    with session.open_websocket() as socket:
        socket.say("2probe")
        assert socket.hear() == "3probe"
        assert poll.answer() == (200, "6")
        socket.say("5", "4hello")
        assert socket.hear_past_pings() == "4hello"


def test_what_was_not_fetched_comes_first_over_the_websocket(base):
    session = Polling(base)
    with session.open_websocket() as socket:
        socket.say("2probe")
        assert socket.hear() == "3probe"
        assert session.post("4a\x1ebAQ==\x1e4b") == (200, "ok")
        socket.say("5", "4c", b"\x02")
        assert [socket.hear_past_pings() for _ in range(5)] == ["4a", b"\x01", "4b", "4c", b"\x02"]


def test_what_is_posted_last_and_what_the_websocket_brings_keep_their_order(base):
    """The post is large and may be in work when the session changes."""
    numbers = [f"4{n}" for n in range(3000)]
    for _ in range(10):
        session = Polling(base)
        with session.open_websocket() as socket:
            socket.say("2probe")
            assert socket.hear() == "3probe"
            post = session.begin_post("\x1e".join(numbers[:2000]))
            # Its head is on its way; the WebSocket's frames come by another.
            pause(0.001)
            socket.say("5", *numbers[2000:])
            got = []
            while not got or got[-1] != numbers[-1]:
                got.append(socket.hear_past_pings())
                assert got[-1] is not None, (len(got), got[-3:], post.answer())
            if post.answer() == (200, "ok"):
                assert got == numbers
            else:
                # It came too late, as it would at any server; nothing of it was taken.
                assert got == numbers[2000:]


def test_requests_of_a_session_that_has_changed_are_refused(base):
    session = Polling(base)
    with session.upgraded() as socket:
        until(lambda: session.poll()[0] == 400)
        assert session.post("4hello")[0] == 400
        socket.say("4hello")
        assert socket.hear_past_pings() == "4hello"


def test_a_change_in_one_go_is_refused_to_polls(base):
    """`2probe` and `5` without waiting for the answer, as impatient clients send them."""
    session = Polling(base)
    with session.open_websocket() as socket:
        socket.say("2probe", "5")
        assert socket.hear() == "3probe"
        until(lambda: session.poll()[0] == 400)
        socket.say("4hello")
        assert socket.hear_past_pings() == "4hello"


def test_a_second_websocket_for_a_session_is_closed_and_the_first_goes_on(base):
    session = Polling(base)
    with session.upgraded() as socket:
        socket.say("4before")
        assert socket.hear_past_pings() == "4before"
        with session.open_websocket() as second:
            assert second.is_closed_by_server()
        socket.say("4hello")
        assert socket.hear_past_pings() == "4hello"


def test_a_second_websocket_beside_a_probe_is_closed(base):
    session = Polling(base)
    with session.open_websocket() as socket:
        socket.say("2probe")
        assert socket.hear() == "3probe"
        with session.open_websocket(behind=frame(TEXT, b"2probe")) as second:
            assert all(got == (TEXT, b"3probe") or got[0] == CLOSE for got in second.rest(answers=True))
        # One that asks for the change as well is cut off.
        with session.open_websocket(behind=frame(TEXT, b"2probe") + frame(TEXT, b"5")) as third:
            with contextlib.suppress(ConnectionResetError):
                third.rest()
        socket.say("5", "4hello")
        assert socket.hear_past_pings() == "4hello"


@pytest.mark.parametrize(
    "packets", [["4hello"], ["2"], ["2other"], ["3"], ["abc"], [b"\x01"], ["5"], ["2probe", "4hello"]]
)
def test_a_probe_that_is_none_leaves_the_session_to_its_polls(base, packets):
    session = Polling(base)
    with session.open_websocket() as socket:
        socket.say(*packets)
        assert all(got == (TEXT, b"3probe") or got[0] == CLOSE for got in socket.rest(answers=True))
    assert session.post("4hello") == (200, "ok")
    until(lambda: "4hello" in session.poll_past_pings()[1])


@pytest.mark.parametrize("behind", [b"", frame(CLOSE, b"\x03\xe8"), frame(TEXT, b"2probe") + frame(CLOSE)])
def test_a_probe_that_goes_at_once_leaves_the_session_another(base, behind):
    """Its end may come before the session knows of it."""
    for _ in range(10):
        session = Polling(base)
        socket = session.open_websocket(behind=behind)
        if behind:
            socket.rest()
        socket.leave()

        def changes(session=session):
            with session.open_websocket() as socket:
                socket.say("2probe")
                if socket.hear() != "3probe":
                    return False
                socket.say("5", "4hello")
                return socket.hear_past_pings() == "4hello"

        until(changes, 5, "the session changes to the next WebSocket")


def test_the_end_of_the_websocket_is_the_end_of_a_session_that_has_changed(base):
    session = Polling(base)
    with session.upgraded() as socket:
        socket.say("1")
        assert all(got == (TEXT, b"2") or got[0] == CLOSE for got in socket.rest(answers=True))
    until(lambda: is_over(session), 10, "the session ends")


# Nothing is left


def test_sessions_end_with_everything_in_flight_and_leave_nothing(server, base):
    kept = []
    for n in range(30):
        session = Polling(base)
        match n % 6:
            case 0:
                kept.append(session.begin_poll())
            case 1:
                kept.append(session.begin_post("\x1e".join(["4" + "x" * 500] * 200)))
            case 2:
                kept.append(session.open_websocket(behind=frame(TEXT, b"2probe")))
            case 3:
                kept += [
                    session.begin_poll(),
                    session.open_websocket(behind=frame(TEXT, b"2probe") + frame(TEXT, b"5")),
                ]
            case 4:
                kept += [session.begin_poll(), session.begin_post("1"), session.begin_poll()]
            case 5:
                session.upgraded().leave()
    until(lambda: server.sockets()[PATH] == 0, 10, "all sessions are over")
    for one in kept:
        one.leave() if isinstance(one, Socket) else one.abandon()
    assert server.sockets()[PATH] == 0


def test_binary_is_base64_in_bodies_alone(base):
    session = Polling(base)
    data = bytes(range(256))
    assert session.post("b" + base64.b64encode(data).decode()) == (200, "ok")
    with session.upgraded() as socket:
        assert socket.hear_past_pings() == data
