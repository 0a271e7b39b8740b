"""RFC 6455 on the wire, at both doors: the handshake on any request of a connection, and a row for each thing that the
RFC asks of a server about frames."""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from Harness.frames import KEY, Wire, frame, handshake
from Harness.frames import close_frame as close
from Harness.settings import seconds
from Harness.wire import Answer, exchange

HOST = b"Host: localhost\r\n"
DOORS = {"websocket": b"/ws", "socketio": b"/socket.io/?EIO=4&transport=websocket"}
GET = b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n"

QUESTION = b'{"id":7,"event":"noSuchEvent","data":{}}'
UNKNOWN = frame(0x81, QUESTION)


@pytest.fixture(scope="module")
def token(make_user):
    return b"Authorization: Bearer " + make_user().token.encode()


def speaks(wire, door):
    """The socket understands its client."""
    if door == "websocket":
        wire.send(UNKNOWN)
        first, payload = wire.read()
        return first == 0x81 and json.loads(payload)["ack"] == 7
    return wire.read()[1].startswith(b"0{")


# The handshake


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "before, methods, statuses",
    [
        (b"", [], []),
        (GET, [b"GET"], [200]),
        (GET * 3, [b"GET"] * 3, [200] * 3),
        (GET.replace(b"GET", b"HEAD"), [b"HEAD"], [200]),
        (
            b"POST /api/v1/auth/login HTTP/1.1\r\n"
            + HOST
            + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            [b"POST"],
            [400],
        ),
        (
            b"POST /api/v1/auth/login HTTP/1.1\r\n"
            + HOST
            + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\n{}\r\n0\r\n\r\n",
            [b"POST"],
            [400],
        ),
        (b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", [b"POST"], [404]),
        (b"\r\n" + GET, [b"GET"], [200]),
    ],
    ids=[
        "first",
        "after a GET",
        "after three",
        "after a HEAD",
        "after a body",
        "after chunks",
        "after a body nobody read",
        "after an empty line",
    ],
)
def test_any_request_of_a_connection_becomes_a_socket(gateway, token, door, before, methods, statuses):
    with Wire(gateway, before + handshake(DOORS[door], token), methods) as wire:
        assert [a.status for a in wire.answers] == statuses
        digest = hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        assert wire.accepted.headers["sec-websocket-accept"] == base64.b64encode(digest).decode()
        assert wire.accepted.headers["connection"].lower() == "upgrade"
        assert speaks(wire, door)


@pytest.mark.parametrize("door", DOORS)
def test_a_connection_that_was_used_and_rested_becomes_a_socket(gateway, token, door):
    url = urlsplit(gateway)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        for _ in range(3):
            connection.sendall(GET)
            assert Answer.read(stream).status == 200
        connection.sendall(handshake(DOORS[door], token))
        assert Answer.read(stream).status == 101


def test_frames_behind_the_handshake_are_read_and_not_lost(gateway, token):
    raw = handshake(b"/ws", token) + UNKNOWN + frame(0x89, b"hi") + UNKNOWN
    for before, methods in [(b"", []), (GET, [b"GET"])]:
        with Wire(gateway, before + raw, methods) as wire:
            got = [wire.read() for _ in range(3)]
            assert sorted(first for first, _ in got) == [0x81, 0x81, 0x8A] and (0x8A, b"hi") in got, got


def test_what_stands_behind_a_refused_handshake_is_never_read(gateway):
    """Neither as frames nor as requests: a proxy between may believe that the protocol has changed."""
    for raw, status in [
        (handshake(b"/ws", b"Authorization: Bearer x"), 401),
        (handshake(b"/ws", b"Origin: https://evil.example"), 403),
        (handshake(b"/ws", version=b"8"), 400),
        (handshake(b"/health/live"), 200),
        (handshake(b"/nowhere"), 404),
    ]:
        answers = exchange(gateway, GET + raw + UNKNOWN + GET, methods=[b"GET"] * 3)
        assert [a.status for a in answers] == [200, status], answers
        assert answers[1].headers["connection"] == "close"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("version", [None, b"", b"0", b"7", b"8", b"12", b"14", b"99", b"13, 8", b"x", b"013", b"-13"])
def test_a_wrong_version_is_told_the_right_one(gateway, door, version):
    answer = exchange(gateway, handshake(DOORS[door], version=version))[0]
    assert answer.status == 400 and answer.is_problem("validation-failed"), answer
    assert answer.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "key", [None, b"", b"x", b"MDEyMzQ1Njc4OWFiY2RlZg", b"MDEyMzQ1Njc4OWFiY2RlZmc=", b"!" * 24, KEY + b"," + KEY]
)
def test_a_handshake_without_a_proper_key_is_refused(gateway, door, key):
    answer = exchange(gateway, handshake(DOORS[door], key=key))[0]
    assert answer.status == 400 and answer.is_problem("validation-failed"), answer


# What is put in the place of what, in a handshake that has it.
SPOILED = [
    (b"GET ", b"POST "),
    (b"HTTP/1.1", b"HTTP/1.0"),
    (b"Upgrade: websocket", b"Upgrade: h2c"),
    (b"keep-alive, Upgrade", b"keep-alive"),
    (b"/ws ", b"/ws/ "),
    (b"/socket.io/", b"/socket.io"),
    (b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc"),
]


@pytest.mark.parametrize(
    "door, change",
    [(door, change) for door, path in DOORS.items() for change in SPOILED if change[0] in handshake(path)],
)
def test_what_is_no_handshake_is_no_socket(gateway, door, change):
    raw = handshake(DOORS[door]).replace(*change, 1)
    answer = exchange(gateway, raw + GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))[0]
    assert answer.status in (400, 404, 405), answer


# Offers of the handshake that a server may leave alone (4.2.2, 9.1)

DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"
PROTOCOL = b"Sec-WebSocket-Protocol: chat"
OFFERS = {
    "no offer": [],
    "compression": [DEFLATE],
    "compression with parameters": [DEFLATE + b"; client_max_window_bits; server_max_window_bits=10"],
    "compression in two ways": [DEFLATE + b"; server_no_context_takeover, permessage-deflate"],
    "compression in two fields": [DEFLATE, DEFLATE + b"; client_no_context_takeover"],
    "compression, old and unknown": [DEFLATE + b", x-webkit-deflate-frame, bbf-usp-protocol"],
    "an extension without a name": [b"Sec-WebSocket-Extensions: ;,=,,;"],
    "a parameter without an end": [DEFLATE + b'; client_max_window_bits="15'],
    "an empty list": [b"Sec-WebSocket-Extensions:"],
    "a long list": [DEFLATE + b", permessage-deflate" * 400],
    "a protocol": [PROTOCOL],
    "protocols": [PROTOCOL + b", superchat", PROTOCOL + b"2"],
    "no proper protocol": [b"Sec-WebSocket-Protocol: a b,,@"],
    "both": [DEFLATE, PROTOCOL],
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", OFFERS)
def test_what_a_client_offers_is_declined_and_the_socket_works(gateway, token, door, name):
    with Wire(gateway, handshake(DOORS[door], token, *OFFERS[name])) as wire:
        assert {"sec-websocket-extensions", "sec-websocket-protocol"}.isdisjoint(wire.accepted.headers)
        assert speaks(wire, door)
        # So the bit of a compressed message means nothing.
        wire.send(frame(0xC1, b"{}"))
        assert wire.read()[1][:2] == struct.pack(">H", 1002)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "change",
    [
        (b"Upgrade: websocket", b"Upgrade: WebSocket"),
        (b"Upgrade: websocket", b"upgrade: WEBSOCKET"),
        (b"Upgrade: websocket", b"Upgrade: h2c, websocket"),
        (b"keep-alive, Upgrade", b"UPGRADE"),
        (b"keep-alive, Upgrade", b"upgrade\r\nConnection: keep-alive"),
        (b"Sec-WebSocket-", b"sec-websocket-"),
    ],
)
def test_names_of_a_handshake_are_read_in_any_case(gateway, token, door, change):
    raw = handshake(DOORS[door], token)
    assert raw != raw.replace(*change)
    with Wire(gateway, raw.replace(*change)) as wire:
        assert speaks(wire, door)


# Frames


@dataclass(frozen=True)
class Row:
    """What is sent after the handshake, and what must come back."""

    section: str
    what: str
    sent: bytes
    # With which the server closes; without one the socket stays, and the client leaves it.
    code: int | None = None
    pongs: tuple = ()
    # How often `UNKNOWN` is answered; at the plain door, the other has frames of its own.
    answers: int = 0

    def __str__(self):
        return f"{self.section}, {self.what}"


def fails(section, what, sent, code=1002, pongs=(), rest=UNKNOWN):
    """The connection fails, and nothing that comes behind is carried out (7.1.7)."""
    return Row(section, what, sent + rest, code, pongs)


def at_once(section, what, sent, code):
    """As `fails`, by what has come of a frame: no more of it comes."""
    return fails(section, what, sent, code, rest=b"")


def leaves(section, what, sent, code):
    """The client closes, is answered with `code`, and nothing that it sends behind is carried out (5.5.1)."""
    return Row(section, what, sent + UNKNOWN, code)


def fragmented(message, *sizes, between=b""):
    """`message` in fragments of these sizes, and one of the rest."""
    frames, first = [], 0x01
    for size in sizes:
        frames.append(frame(first, message[:size]) + between)
        message, first = message[size:], 0x00
    return b"".join(frames) + frame(0x80 | first, message)


STARTED = frame(0x01, b"a")
# A message of 60 bytes, whose mask changes nothing; less of it is sent.
BEGUN = b"\x81\xbc" + bytes(4)
ROWS = [
    # Masks
    fails("5.1", "an unmasked text", frame(0x81, QUESTION, is_masked=False)),
    fails("5.1", "an unmasked text of no bytes", frame(0x81, is_masked=False)),
    fails("5.1", "an unmasked fragment", STARTED + frame(0x80, b"a", is_masked=False)),
    fails("5.1", "an unmasked ping", frame(0x89, is_masked=False)),
    fails("5.1", "an unmasked close", frame(0x88, b"\x03\xe8", is_masked=False)),
    at_once("5.1", "the header of an unmasked text", b"\x81\x05", 1002),
    Row("5.3", "a mask of zeros", frame(0x81, QUESTION, mask=bytes(4)), answers=1),
    Row("5.3", "a mask of ones", frame(0x81, QUESTION, mask=b"\xff" * 4), answers=1),
    Row("5.3", "a new mask for each frame", frame(0x01, QUESTION[:5]) + frame(0x80, QUESTION[5:], mask=KEY[:4]),
        answers=1),
    # Headers
    *[fails("5.2", f"reserved bits {bits}", frame(0x81 | bits << 4, QUESTION)) for bits in range(1, 8)],
    *[fails("5.2", f"reserved bits {bits} of a ping", frame(0x89 | bits << 4)) for bits in (1, 2, 4)],
    *[fails("5.2", f"reserved bits {bits} of a close", frame(0x88 | bits << 4)) for bits in (1, 2, 4)],
    fails("5.2", "reserved bits of a continuation", STARTED + frame(0xC0, b"a")),
    *[fails("5.2", f"opcode {code:#x}", frame(0x80 | code)) for code in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]],
    *[fails("5.2", f"opcode {code:#x} with a payload", frame(0x80 | code, b"a")) for code in (3, 11)],
    fails("5.2", "opcode 0x3 within a message", STARTED + frame(0x83)),
    at_once("5.8", "the first byte of what is reserved", b"\xc1", 1002),
    fails("5.2", "a length in two bytes that fits in one", b"\x81\xfe\x00\x7d" + bytes(4) + b"a" * 125),
    fails("5.2", "a length in eight bytes that fits in two", b"\x81\xff" + struct.pack(">Q", 65535) + bytes(4)),
    at_once("5.2", "a length with its highest bit set", b"\x81\xff\x80" + bytes(7), 1002),
    *[Row("5.2", f"a message of {size} bytes", frame(0x81, QUESTION.ljust(size)), answers=1)
      for size in (125, 126, 127, 65535, 65536)],
    # Fragments
    Row("5.4", "fragments", fragmented(QUESTION, 1, 3, 20), answers=1),
    Row("5.4", "fragments of no bytes", fragmented(QUESTION, 0, 0, 5, 0, 40), answers=1),
    Row("5.4", "a fragment for each byte", fragmented(QUESTION, *[1] * 39), answers=1),
    Row("5.4", "pings between fragments", fragmented(QUESTION, 9, 9, between=frame(0x89, b"p")), pongs=(b"p", b"p"),
        answers=1),
    Row("5.4", "pongs between fragments", fragmented(QUESTION, 9, 9, between=frame(0x8A, b"p")), answers=1),
    Row("5.4", "two messages in fragments", fragmented(QUESTION, 7) + fragmented(QUESTION, 8), answers=2),
    leaves("5.4", "a close between fragments", STARTED + close(1000), 1000),
    fails("5.4", "a continuation of nothing", frame(0x80, b"a")),
    fails("5.4", "a continuation of nothing, not the last", frame(0x00, b"a")),
    fails("5.4", "a continuation after the end", fragmented(b"[]", 1) + frame(0x80)),
    fails("5.4", "a text within a message", STARTED + frame(0x81, b"b")),
    fails("5.4", "a fragment of another text within a message", STARTED + frame(0x01, b"b")),
    fails("5.4", "a binary within a message", STARTED + frame(0x82, b"b")),
    fails("5.4", "a ping, then what is forbidden", STARTED + frame(0x89, b"p") + frame(0x81), pongs=(b"p",)),
    # Control frames
    fails("5.5", "a ping in fragments", frame(0x09, b"a")),
    fails("5.5", "a pong in fragments", frame(0x0A)),
    fails("5.5", "a close in fragments", frame(0x08, b"\x03\xe8")),
    fails("5.5", "a long ping", frame(0x89, b"x" * 126)),
    fails("5.5", "a long pong", frame(0x8A, b"x" * 126)),
    fails("5.5", "a long close", frame(0x88, b"\x03\xe8" + b"x" * 124)),
    at_once("5.5", "the header of a long ping", b"\x89\xff", 1002),
    Row("5.5.2", "a ping of no bytes", frame(0x89), pongs=(b"",)),
    Row("5.5.2", "the longest ping", frame(0x89, b"x" * 125), pongs=(b"x" * 125,)),
    Row("5.5.2", "a ping of any bytes", frame(0x89, b"\x00\xff\xfe"), pongs=(b"\x00\xff\xfe",)),
    Row("5.5.2", "ten pings", b"".join(frame(0x89, b"%d" % n) for n in range(10)),
        pongs=tuple(b"%d" % n for n in range(10))),
    fails("5.5.2", "a ping, then what is forbidden", frame(0x89, b"p") + frame(0x83), pongs=(b"p",)),
    Row("5.5.2", "a ping, then a close", frame(0x89, b"p") + close(1000), 1000, pongs=(b"p",)),
    Row("5.5.3", "a pong that nobody asked for", frame(0x8A, b"x" * 125) + frame(0x8A)),
    # Data
    fails("5.6", "binary", frame(0x82, b"a"), 1003),
    fails("5.6", "binary in fragments", frame(0x02, b"a") + frame(0x80, b"a"), 1003),
    fails("5.6", "binary of no bytes", frame(0x82), 1003),
    # Closing
    *[leaves("5.5.1", f"a close with {code}", close(code, "caf\u00e9".encode()), code)
      for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011]],
    *[leaves("7.4.2", f"a close with {code}", close(code), code)
      for code in [1012, 1013, 1014, 3000, 3999, 4000, 4999]],
    leaves("5.5.1", "a close without a code", frame(0x88), 1000),
    leaves("5.5.1", "a close with the longest reason", close(1000, b"x" * 123), 1000),
    leaves("5.5.1", "two closes", close(1000) + close(1001), 1000),
    leaves("5.5.1", "a ping behind a close", close(1000) + frame(0x89, b"p"), 1000),
    leaves("5.5.1", "what is forbidden behind a close", close(1000) + frame(0x83), 1000),
    leaves("7.1.1", "much behind a close", close(1000) + frame(0x81, b"x" * 60000) * 8, 1000),
    at_once("5.5.1", "the header of half a close code", b"\x88\x81", 1002),
    *[fails("7.4", f"a close with {code}", close(code))
      for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]],
    fails("5.5.1", "a close whose reason is no text", close(1000, b"\xff"), 1007),
    fails("5.5.1", "a close whose reason ends within a character", close(1000, b"ok\xe2\x82"), 1007),
    # Text
    *[fails("8.1", f"the bytes {wrong.hex()}", frame(0x81, b"a" * 9 + wrong), 1007)
      for wrong in [b"\xff", b"\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf0\x8f\xbf\xbf",
                    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xe2\x28\xa1"]],
    *[fails("8.1", f"the end within {cut.hex()}", frame(0x81, cut), 1007)
      for cut in [b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"]],
    fails("8.1", "the end within a character of fragments", frame(0x01, b"\xf0\x9f") + frame(0x80, b"\x98"), 1007),
    fails("8.1", "an empty last fragment within a character", frame(0x01, b"\xf0\x9f\x98") + frame(0x80), 1007),
    Row("8.1", "a character over three fragments",
        frame(0x01, QUESTION[:20] + b"\xf0") + frame(0x00, b"\x9f") + frame(0x80, b"\x98\x80" + QUESTION[20:]),
        answers=1),
    at_once("8.1", "a wrong byte in a frame that has not come to its end", BEGUN + b"abc\xff", 1007),
    at_once("8.1", "a surrogate that has not come to its end", BEGUN + b"abc\xed\xa0", 1007),
    at_once("8.1", "a character above all that has not come to its end", BEGUN + b"abc\xf4\x90", 1007),
    at_once("8.1", "a wrong byte in a fragment that is not the last", frame(0x01, b"\xce\xba\xff"), 1007),
    at_once("8.1", "a wrong byte in a later fragment that has not come to its end",
            frame(0x01, b"\xce") + b"\x00\xbc" + bytes(4) + b"a", 1007),
    # Limits
    at_once("10.4", "the header of a message over 64 KiB", b"\x81\xff" + struct.pack(">Q", 65537), 1009),
    at_once("10.4", "the header of the longest message there is", b"\x81\xff\x7f" + b"\xff" * 7, 1009),
    at_once("10.4", "the header of a fragment with which it is over 64 KiB",
            frame(0x01, b"x" * 65536) + b"\x80\x81", 1009),
    fails("10.4", "fragments over 64 KiB", frame(0x01, b"x" * 40000) + frame(0x80, b"x" * 40000), 1009),
]  # fmt: skip


class Outcome:
    """What came back for a row."""

    def __init__(self):
        self.pongs, self.answers, self.code, self.behind = [], 0, None, []
        self.is_ended = self.is_reset = False

    def read(self, wire, until):
        """Reads until this has come to hold, or the connection has ended."""
        while not until():
            try:
                got = wire.read()
            except ConnectionResetError:
                self.is_reset = True
                return
            if got is None:
                self.is_ended = True
                return
            first, payload = got
            if self.code is not None:
                self.behind.append(got)
            elif first == 0x88:
                self.code = struct.unpack(">H", payload[:2])[0]
            elif first == 0x8A:
                self.pongs.append(payload)
            elif b'"ack":7' in payload:
                self.answers += 1


def rows_at(door):
    """At Socket.IO's door the messages of a row that is answered mean nothing, and binary ones are known."""
    return [row for row in ROWS if door == "websocket" or not (row.answers or row.code == 1003)]


@pytest.fixture(scope="module")
def outcomes(gateway, token):
    """Those of all rows at a door; their connections are open at the same time, as a failed one takes its time to
    end."""
    known = {}

    def play(row, wire):
        outcome = Outcome()
        if row.code is None:
            outcome.read(wire, lambda: outcome.answers >= row.answers and len(outcome.pongs) >= len(row.pongs))
            # What must not come would come before this.
            wire.send(frame(0x89, b"the end"))
            outcome.read(wire, lambda: b"the end" in outcome.pongs)
            wire.send(close(1000))
        outcome.read(wire, lambda: False)
        return outcome

    def at(door):
        if door not in known:
            with contextlib.ExitStack() as stack:
                rows = rows_at(door)
                wires = [stack.enter_context(Wire(gateway, handshake(DOORS[door], token))) for _ in rows]
                for row, wire in zip(rows, wires, strict=True):
                    assert speaks(wire, door)
                    wire.send(row.sent)
                begun = time.monotonic()
                known[door] = {str(row): play(row, wire) for row, wire in zip(rows, wires, strict=True)}
                # The server ends every connection, also of a client that does not answer its close (7.1.1).
                assert time.monotonic() - begun < seconds(10)
        return known[door]

    return at


@pytest.mark.parametrize("door, row", [(door, row) for door in DOORS for row in rows_at(door)], ids=str)
def test_frames_are_taken_as_the_rfc_says(outcomes, door, row):
    outcome = outcomes(door)[str(row)]
    wanted = (1000, [*row.pongs, b"the end"]) if row.code is None else (row.code, [*row.pongs])
    assert (outcome.code, outcome.pongs) == wanted, vars(outcome)
    assert outcome.answers == row.answers, vars(outcome)
    # Nothing behind a close, and an end that takes nothing from what was sent before it.
    assert not outcome.behind and outcome.is_ended and not outcome.is_reset, vars(outcome)


def test_fragments_and_control_frames_between_them_are_read_however_they_are_cut(gateway, token):
    with Wire(gateway, handshake(b"/ws", token)) as wire:
        for size in (1, 3, 20):
            count = -(-len(QUESTION) // size)
            raw = fragmented(QUESTION, *[size] * (count - 1), between=frame(0x89, b"p"))
            for byte in range(0, len(raw), 5):
                wire.send(raw[byte : byte + 5])
            got = [wire.read() for _ in range(count)]
            assert [payload for first, payload in got if first == 0x8A] == [b"p"] * (count - 1)
            assert [json.loads(payload)["ack"] for first, payload in got if first == 0x81] == [7]
