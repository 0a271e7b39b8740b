"""RFC 6455 on the wire, at both doors: the handshake on any request of a connection, and what fails a connection."""

import base64
import contextlib
import hashlib
import json
import socket
import struct
import time
from urllib.parse import urlsplit

import pytest

from Harness.wire import Answer, exchange

HOST = b"Host: localhost\r\n"
DOORS = {"websocket": b"/ws", "socketio": b"/socket.io/?EIO=4&transport=websocket"}
GET = b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n"
KEY = base64.b64encode(b"0123456789abcdef")


def handshake(path, *fields, key=KEY, version=b"13"):
    lines = [b"Connection: keep-alive, Upgrade", b"Upgrade: websocket"]
    lines += [b"Sec-WebSocket-Key: " + key] if key is not None else []
    lines += [b"Sec-WebSocket-Version: " + version] if version is not None else []
    return b"GET %s HTTP/1.1\r\n" % path + HOST + b"".join(line + b"\r\n" for line in [*lines, *fields]) + b"\r\n"


def frame(first, payload=b"", masked=True):
    size = (
        bytes([len(payload)])
        if len(payload) < 126
        else b"\x7e" + struct.pack(">H", len(payload))
        if len(payload) < 65536
        else b"\x7f" + struct.pack(">Q", len(payload))
    )
    if not masked:
        return bytes([first]) + size + payload
    mask = b"\x37\xfa\x21\x3d"  # That of the example in RFC 6455, 5.7.
    return (
        bytes([first, size[0] | 0x80]) + size[1:] + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
    )


def close(code, reason=b""):
    return frame(0x88, struct.pack(">H", code) + reason)


class Wire:
    """A connection after its handshake, read frame by frame."""

    def __init__(self, gateway, raw, before=()):
        """Sends `raw` at once, and reads the answers to `before` (methods) and the acceptance."""
        url = urlsplit(gateway)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=10)
        self.socket.sendall(raw)
        self.stream = self.socket.makefile("rb")
        self.answers = [Answer.read(self.stream, method) for method in before]
        self.accepted = Answer.read(self.stream)
        assert self.accepted.status == 101, self.accepted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, raw):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(raw)

    def read(self):
        """The next frame: its first byte and its payload; None at the end."""
        head = self.stream.read(2)
        if len(head) < 2:
            return None
        assert head[1] & 0x80 == 0 and head[0] & 0x70 == 0, head
        size = head[1]
        if size == 126:
            size = struct.unpack(">H", self.stream.read(2))[0]
        return head[0], self.stream.read(size)

    def close_code(self):
        """The code with which the server closes; it must then end the connection."""
        while (got := self.read()) is not None:
            if got[0] == 0x88:
                code = struct.unpack(">H", got[1][:2])[0]
                begun = time.monotonic()
                with contextlib.suppress(ConnectionResetError):
                    assert self.read() is None
                assert time.monotonic() - begun < 5
                return code
        return None


UNKNOWN = frame(0x81, b'{"id":7,"event":"noSuchEvent","data":{}}')


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


# Frames


CONTINUED = frame(0x01, b"a")
FORBIDDEN = {
    "an unmasked text": (frame(0x81, b"{}", masked=False), 1002),
    "an unmasked ping": (frame(0x89, b"", masked=False), 1002),
    "an unmasked close": (frame(0x88, b"\x03\xe8", masked=False), 1002),
    **{f"reserved bits {bits}": (frame(0x81 | bits << 4, b"{}"), 1002) for bits in range(1, 8)},
    **{f"opcode {code:#x}": (frame(0x80 | code), 1002) for code in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]},
    "a continuation of nothing": (frame(0x80, b"a"), 1002),
    "a text within a message": (CONTINUED + frame(0x81, b"b"), 1002),
    "a binary within a message": (CONTINUED + frame(0x82, b"b"), 1002),
    "a ping in fragments": (frame(0x09, b"a"), 1002),
    "a close in fragments": (frame(0x08), 1002),
    "a long ping": (frame(0x89, b"x" * 126), 1002),
    "a long close": (frame(0x88, b"\x03\xe8" + b"x" * 124), 1002),
    "a length spelled too long": (b"\x81\xfe\x00\x02" + bytes(4) + b"{}", 1002),
    "a length of 64 bits": (b"\x81\xff" + b"\xff" * 8, 1002),
    "half a close code": (frame(0x88, b"\x03"), 1002),
    **{f"close code {code}": (close(code), 1002) for code in [0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65535]},
    "a close reason that is no text": (close(1000, b"\xff"), 1007),
    "binary": (frame(0x82, b"a"), 1003),
    "text that is no UTF-8": (frame(0x81, b"\xff"), 1007),
    "text with a surrogate": (frame(0x81, b"\xed\xa0\x80"), 1007),
    "half a character at the end of fragments": (frame(0x01, b"\xf0\x9f") + frame(0x80, b"\x98"), 1007),
    "a frame over 64 KiB": (frame(0x81, b"x" * 65537), 1009),
    "fragments over 64 KiB": (frame(0x01, b"x" * 40000) + frame(0x80, b"x" * 40000), 1009),
}


@pytest.mark.parametrize(
    # Socket.IO knows binary messages.
    "door, name",
    [(door, name) for door in DOORS for name in FORBIDDEN if (door, name) != ("socketio", "binary")],
)
def test_what_the_rfc_forbids_fails_the_connection(gateway, token, door, name):
    raw, code = FORBIDDEN[name]
    with Wire(gateway, handshake(DOORS[door], token)) as wire:
        assert speaks(wire, door)
        # Nothing that comes behind it is carried out.
        wire.send(raw + UNKNOWN)
        got = []
        while (next_ := wire.read()) is not None and next_[0] != 0x88:
            got.append(next_)
        assert next_ is not None and struct.unpack(">H", next_[1][:2])[0] == code, (got, next_)
        assert not [payload for _, payload in got if b'"ack":7' in payload], got


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4000, 4999])
def test_a_close_is_answered_with_its_own_code(gateway, token, door, code):
    with Wire(gateway, handshake(DOORS[door], token)) as wire:
        wire.send(close(code, "caf\u00e9".encode()))
        assert wire.close_code() == code


def test_a_close_without_a_code_is_answered(gateway):
    with Wire(gateway, handshake(b"/ws")) as wire:
        wire.send(frame(0x88))
        assert wire.close_code() == 1000


def test_fragments_and_control_frames_between_them_are_read(gateway, token):
    message = b'{"id":7,"event":"noSuchEvent","data":{}}'
    with Wire(gateway, handshake(b"/ws", token)) as wire:
        for size in (1, 3, 20):
            pieces = [message[n : n + size] for n in range(0, len(message), size)]
            raw = b"".join(
                frame((0x01 if n == 0 else 0x00) | (0x80 if n == len(pieces) - 1 else 0), piece)
                + frame(0x89, b"%d" % n)
                for n, piece in enumerate(pieces)
            )
            for byte in range(0, len(raw), 5):
                wire.send(raw[byte : byte + 5])
            got = [wire.read() for _ in range(len(pieces) + 1)]
            assert [payload for first, payload in got if first == 0x8A] == [b"%d" % n for n in range(len(pieces))]
            assert [json.loads(payload)["ack"] for first, payload in got if first == 0x81] == [7]


def test_the_largest_ping_and_the_largest_frame_are_taken(gateway, token):
    with Wire(gateway, handshake(b"/ws", token)) as wire:
        wire.send(frame(0x89, b"x" * 125))
        assert wire.read() == (0x8A, b"x" * 125)
        wire.send(frame(0x81, b'{"id":7,"event":"noSuchEvent","data":{}}'.ljust(65536)))
        first, payload = wire.read()
        assert first == 0x81 and json.loads(payload)["ack"] == 7
