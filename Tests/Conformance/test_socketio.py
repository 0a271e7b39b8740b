"""Socket.IO protocol 5 (https://socket.io/docs/v4/socket-io-protocol/), packet by packet, over both transports."""

import json
import time

import pytest

from Harness.settings import seconds
from Harness.waiting import until
from server import CONNECT_TIMEOUT, MAX_PAYLOAD
from sessions import Polling, Socket

PATH = "/socket.io/"


def connected(base):
    """A socket in the main namespace."""
    socket = Socket.opened(base, PATH)
    socket.say("40")
    assert socket.hear_past_pings().startswith("40{")
    assert socket.hear_past_pings() == '42["auth",{}]'
    return socket


# Connecting


@pytest.mark.parametrize(
    "namespace, head", [("", ""), ("/", ""), ("/,", ""), ("/custom", "/custom,"), ("/custom,", "/custom,")]
)
@pytest.mark.parametrize("payload", [None, '{"token":"123"}', "{}", '{"deep":{"a":[1,null,true,"€"]}}'])
def test_a_namespace_is_connected_to_with_what_the_client_gives(base, namespace, head, payload):
    if payload and namespace in ("/", "/custom"):
        namespace += ","
    with Socket.opened(base, PATH) as socket:
        socket.say("40" + namespace + (payload or ""))
        answer = socket.hear_past_pings()
        assert answer.startswith("40" + head + "{"), answer
        given = json.loads(answer[2 + len(head) :])
        assert list(given) == ["sid"] and given["sid"] and given["sid"] != socket.handshake["sid"], given
        assert socket.hear_past_pings() == f'42{head}["auth",{payload or "{}"}]'


def test_a_namespace_is_connected_to_by_polling(base):
    session = Polling(base, PATH)
    assert session.post("40") == (200, "ok")
    got = []
    while len(got) < 2:
        got += session.poll_past_pings()[1].split("\x1e")
    assert got[0].startswith("40{") and got[1] == '42["auth",{}]'
    assert session.post('42["message","a"]\x1e40/custom,\x1e42/custom,["message","b"]') == (200, "ok")
    while len(got) < 6:
        got += session.poll_past_pings()[1].split("\x1e")
    assert got[2] == '42["message-back","a"]' and got[3].startswith("40/custom,{"), got
    assert got[4:] == ['42/custom,["auth",{}]', '42/custom,["message-back","b"]']


def test_an_unknown_namespace_is_refused_and_another_is_not(base):
    with Socket.opened(base, PATH) as socket:
        socket.say("40/random")
        assert socket.hear_past_pings() == '44/random,{"message":"Invalid namespace"}'
        socket.say("40")
        assert socket.hear_past_pings().startswith("40{")


def test_a_client_may_connect_again(base):
    with connected(base) as socket:
        socket.say("40")
        assert socket.hear_past_pings().startswith("40{")
        assert socket.hear_past_pings() == '42["auth",{}]'
        socket.say('42["message"]')
        assert socket.hear_past_pings() == '42["message-back"]'


INVALID = [
    "4abc", "4", "47", "4 0", "42", "42{}", "42[]", "42[1]", '42["x"', '42"x"', "42null", '42abc["x"]', "43", "43{}",
    '45["x"]', '45-["x"]', '4511-["x"]', '45a-["x"]', '46-["x"]', '499999999999999999999["x"]',
    '4299999999999999999999["x"]',
]  # fmt: skip


@pytest.mark.parametrize("packet", INVALID)
@pytest.mark.parametrize("is_connected", [False, True])
def test_what_is_no_packet_ends_the_session(base, packet, is_connected):
    with connected(base) if is_connected else Socket.opened(base, PATH) as socket:
        socket.say(packet, '42["message","behind it"]')
        assert socket.is_closed_by_server()


@pytest.mark.parametrize("packet", ['42["message"]', '42/custom,["message"]', "bAQ=="])
def test_who_is_not_connected_may_send_nothing(base, packet):
    session = Polling(base, PATH)
    session.post(packet)
    until(lambda: session.poll()[0] == 400, 10, "the session ends")
    if not packet.startswith("b"):
        with Socket.opened(base, PATH) as socket:
            socket.say(packet)
            assert socket.is_closed_by_server()


def test_who_connects_to_nothing_is_sent_away_in_time(base):
    with Socket.opened(base, PATH) as socket:
        begun = time.monotonic()
        while socket.hear_past_pings() is not None:
            pass
        assert CONNECT_TIMEOUT - 0.1 < time.monotonic() - begun < seconds(CONNECT_TIMEOUT + 2)
    session = Polling(base, PATH)
    begun = time.monotonic()
    while (status := session.poll()[0]) == 200 and session.post("3")[0] == 200:
        pass
    assert status in (200, 400)
    assert CONNECT_TIMEOUT - 0.1 < time.monotonic() - begun < seconds(CONNECT_TIMEOUT + 2)


def test_who_is_connected_may_stay(base):
    with connected(base) as socket:
        begun = time.monotonic()
        while time.monotonic() - begun < CONNECT_TIMEOUT + 0.5:
            assert socket.hear() == "2"
            socket.say("3")
        socket.say('42["message"]')
        assert socket.hear_past_pings() == '42["message-back"]'


# Disconnecting


def test_who_leaves_the_main_namespace_has_nothing_to_do_here(base):
    with connected(base) as socket:
        socket.say("41")
        assert socket.is_closed_by_server()


def test_who_leaves_one_namespace_keeps_the_other(base):
    with connected(base) as socket:
        socket.say("40/custom")
        assert socket.hear_past_pings().startswith("40/custom,{")
        assert socket.hear_past_pings() == '42/custom,["auth",{}]'
        socket.say("41/custom", '42["message","message to main namespace"]')
        assert socket.hear_past_pings() == '42["message-back","message to main namespace"]'
        socket.say('42/custom,["message"]')
        assert socket.is_closed_by_server()


def test_who_leaves_the_main_namespace_keeps_the_other(base):
    with connected(base) as socket:
        socket.say("40/custom,")
        assert [socket.hear_past_pings()[:9] for _ in range(2)] == ["40/custom", "42/custom"]
        socket.say("41", '42/custom,["message"]')
        assert socket.hear_past_pings() == '42/custom,["message-back"]'


# Events and acknowledgements


@pytest.mark.parametrize("namespace", ["", "/custom,"])
@pytest.mark.parametrize(
    "arguments",
    [
        "",
        '1,"2",{"3":[true]}',
        "null",
        '"€\U0001f600"',
        '{"b":1,"a":2}',
        "1.5,-0.25,1e3",
        '[[[[]]]],"' + "x" * 70000 + '"',
    ],
)
def test_events_come_back_and_are_acknowledged(base, namespace, arguments):
    with Socket.opened(base, PATH) as socket:
        socket.say("40" + namespace)
        assert socket.hear_past_pings().startswith("40") and socket.hear_past_pings().startswith("42")
        rest = "," + arguments if arguments else ""
        for ack in (0, 7, 456, 2**53):
            socket.say(f'42{namespace}["message"{rest}]', f'42{namespace}{ack}["message-with-ack"{rest}]')
            said, acknowledged = socket.hear_past_pings(), socket.hear_past_pings()
            assert said.startswith(f'42{namespace}["message-back"') and acknowledged.startswith(f"43{namespace}{ack}[")
            head = len(f"42{namespace}")
            assert json.loads(said[head:])[1:] == json.loads(f"[{arguments}]")
            assert json.loads(acknowledged[len(f"43{namespace}{ack}") :]) == json.loads(f"[{arguments}]")
            if "e" not in arguments:
                # To the letter: members in their order, numbers as they were.
                assert said[head:] == f'["message-back"{rest}]'


def holder(n):
    return f'{{"_placeholder":true,"num":{n}}}'


@pytest.mark.parametrize("namespace", ["", "/custom,"])
@pytest.mark.parametrize(
    "data", [[b"\x01\x02\x03"], [b"\x01\x02\x03", b"\x04\x05\x06"], [b""] * 10, [bytes(range(256)) * 300]]
)
def test_binary_events_come_back_and_are_acknowledged(base, namespace, data):
    with Socket.opened(base, PATH) as socket:
        socket.say("40" + namespace)
        assert socket.hear_past_pings().startswith("40") and socket.hear_past_pings().startswith("42")
        holders = ",".join(holder(n) for n in range(len(data)))
        socket.say(f'45{len(data)}-{namespace}["message",{holders}]', *data)
        got = [socket.hear_past_pings() for _ in range(1 + len(data))]
        assert got == [f'45{len(data)}-{namespace}["message-back",{holders}]', *data]
        socket.say(f'45{len(data)}-{namespace}789["message-with-ack",{holders}]', *data)
        got = [socket.hear_past_pings() for _ in range(1 + len(data))]
        assert got == [f"46{len(data)}-{namespace}789[{holders}]", *data]


def test_binary_events_by_polling(base):
    session = Polling(base, PATH)
    assert session.post(f'40\x1e451-["message",{holder(0)}]\x1ebAQID') == (200, "ok")
    got = []
    while len(got) < 4:
        got += session.poll_past_pings()[1].split("\x1e")
    assert got[2:] == [f'451-["message-back",{holder(0)}]', "bAQID"]


def test_a_holder_may_stand_deep_and_pings_between(base):
    with connected(base) as socket:
        socket.say(f'452-["message",{{"a":[{holder(1)},{{"b":{holder(0)}}}]}}]', b"\x01", "3", b"\x02")
        got = [socket.hear_past_pings() for _ in range(3)]
        assert got == [f'452-["message-back",{{"a":[{holder(1)},{{"b":{holder(0)}}}]}}]', b"\x01", b"\x02"]


@pytest.mark.parametrize(
    "messages",
    [
        # A text where an attachment is due; too few holders; too many; one twice; one that is not there.
        [f'451-["message",{holder(0)}]', '42["message"]'],
        [f'452-["message",{holder(0)}]', b"\x01", b"\x02"],
        [f'451-["message",{holder(0)},{holder(1)}]', b"\x01"],
        [f'452-["message",{holder(0)},{holder(0)}]', b"\x01", b"\x02"],
        [f'451-["message",{holder(7)}]', b"\x01"],
        [f'451-["message",{holder(-1)}]', b"\x01"],
        ['451-["message"]', b"\x01"],
        [f'450-["message",{holder(0)}]', b"\x01"],
        [f'42["message",{holder(0)}]', b"\x01"],
        [b"\x01"],
        [f'451-["message",{holder(0)}]', b"x" * 600_000 + b"y" * (MAX_PAYLOAD - 600_000), b"z"],
    ],
)
def test_attachments_that_do_not_agree_end_the_session(base, messages):
    with connected(base) as socket:
        socket.say(*messages)
        for first, _ in socket.rest(answers=True):
            # What was complete before the fault may have been echoed.
            assert first in (0x81, 0x82, 0x88)


def test_an_acknowledgement_that_nobody_asked_for_is_ignored(base):
    with connected(base) as socket:
        socket.say('431["x"]', f"461-1[{holder(0)}]", b"\x01", '42["message"]')
        assert socket.hear_past_pings() == '42["message-back"]'


def test_a_session_goes_on_over_a_websocket(base):
    session = Polling(base, PATH)
    assert session.post('40\x1e42["message",1]') == (200, "ok")
    with session.upgraded() as socket:
        got = [socket.hear_past_pings() for _ in range(3)]
        assert got[0].startswith("40{") and got[1:] == ['42["auth",{}]', '42["message-back",1]']
        socket.say('421["message-with-ack",2]')
        assert socket.hear_past_pings() == "431[2]"


def test_sessions_leave_nothing_behind(server, base):
    sockets = [connected(base) for _ in range(10)] + [Socket.opened(base, PATH) for _ in range(10)]
    sockets += [Polling(base, PATH).upgraded() for _ in range(10)]
    for n, socket in enumerate(sockets):
        socket.say('42["message"]' if n % 2 else f'451-["message",{holder(0)}]')
        if n % 3:
            socket.leave()
    until(lambda: server.sockets()[PATH] == 0, 10, "all sessions are over")
    for socket in sockets:
        socket.leave()
