"""RFC 6455 as a server must keep it: what public suites for WebSocket try, section by section, at an echo.

ORDERLINE_LONG=1 adds the forms that take minutes: messages of 16 MiB in pieces of 64 bytes.
"""

import asyncio
import os
import random
import time

import pytest
import websockets

from Harness.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Wire,
    close_frame,
    fragments,
    frame,
    masked,
    pieces_of,
)
from Harness.settings import seconds
from Harness.sockets import run_async

PATH = b"/ws-echo"
LONG = os.environ.get("ORDERLINE_LONG") == "1"
KIB, MIB = 1 << 10, 1 << 20
# 65 characters of one to four bytes.
GREETING = "κόσμε Hello-µ@ßöäüàá-UTF-8!! \u20ac \U0001f600 \U0010ffff".encode()
FAILED, NOT_TEXT, TOO_LARGE = 1002, 1007, 1009


@pytest.fixture
def wire(base):
    with Wire.at(base, PATH) as wire:
        yield wire


def payload(first, size):
    if first & 0x0F == 1:
        return (GREETING * (size // len(GREETING))).ljust(size, b"*")
    return random.Random(size).randbytes(size)


def closes_with(wire, code):
    """Whether the server says that code, or its end alone when code is None, and ends the connection itself."""
    rest = wire.rest()
    if code is None:
        return rest == []
    return rest and rest[-1][0] == CLOSE and int.from_bytes(rest[-1][1][:2]) == code


def is_well(wire):
    """Whether the connection still works, and ends as it should."""
    wire.send(frame(TEXT, b"still here"))
    assert wire.read() == (TEXT, b"still here")
    wire.send(close_frame(1000))
    return closes_with(wire, 1000)


# 1: messages


SIZES = [0, 1, 65, 125, 126, 127, 128, 65535, 65536, 65537]


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("size", SIZES)
# How much goes out at once: all, or so little that it comes in many reads.
@pytest.mark.parametrize("chop", [None, 997, 1])
def test_a_message_comes_back(wire, first, size, chop):
    data = payload(first, size)
    wire.send(frame(first, data), chop if chop != 1 or size < 200 else 61)
    assert wire.read() == (first, data)
    assert is_well(wire)


@pytest.mark.parametrize("mask", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04"])
def test_a_message_comes_back_under_any_mask(wire, mask):
    for size in range(40):
        wire.send(frame(BINARY, bytes(range(size)), mask=mask), 3)
        assert wire.read() == (BINARY, bytes(range(size)))


# 2: pings and pongs


@pytest.mark.parametrize("data", [b"", b"Hello, world!", bytes([0, 255, 254, 253, 252, 251, 0, 255]), b"\xfe" * 125])
@pytest.mark.parametrize("chop", [None, 1])
def test_a_ping_is_answered_with_what_it_holds(wire, data, chop):
    wire.send(frame(PING, data), chop)
    assert wire.read() == (PONG, data)
    assert is_well(wire)


def test_a_ping_of_126_bytes_fails_the_connection(wire):
    wire.send(frame(PING, b"\xfe" * 126))
    assert closes_with(wire, FAILED)


@pytest.mark.parametrize("data", [b"", b"unsolicited", b"\xff" * 125])
def test_a_pong_that_nobody_asked_for_is_ignored(wire, data):
    wire.send(frame(PONG, data) + frame(PING, b"ping"))
    assert wire.read() == (PONG, b"ping")
    assert is_well(wire)


@pytest.mark.parametrize("chop", [None, 1])
def test_pings_are_answered_in_their_order(wire, chop):
    wire.send(b"".join(frame(PING, b"payload-%d" % n) for n in range(10)), chop)
    assert [wire.read() for _ in range(10)] == [(PONG, b"payload-%d" % n) for n in range(10)]
    assert is_well(wire)


def test_pings_are_answered_before_the_close_behind_them(wire):
    wire.send(frame(PING, b"a") + frame(PING, b"b") + close_frame(1000))
    assert wire.rest() == [(PONG, b"a"), (PONG, b"b"), (CLOSE, b"\x03\xe8")]


# 3: reserved bits


@pytest.mark.parametrize("bits", range(1, 8))
@pytest.mark.parametrize("first", [TEXT, BINARY, PING, CLOSE])
@pytest.mark.parametrize("chop", [None, 1])
def test_a_reserved_bit_fails_the_connection(wire, bits, first, chop):
    wire.send(frame(TEXT, b"before") + frame(PING, b"ping"))
    assert {wire.read(), wire.read()} == {(TEXT, b"before"), (PONG, b"ping")}
    wire.send(frame(first | bits << 4, b"\x03\xe8") + frame(PING), chop)
    rest = wire.rest()
    assert [got for got in rest if got[0] != CLOSE] == [] and int.from_bytes(rest[0][1][:2]) == FAILED, rest


# 4: opcodes


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("data", [b"", b"reserved"])
@pytest.mark.parametrize("is_final", [False, True])
def test_a_reserved_opcode_fails_the_connection(wire, opcode, data, is_final):
    wire.send(frame(TEXT, b"before"))
    assert wire.read() == (TEXT, b"before")
    wire.send(frame(opcode | is_final << 7, data) + frame(PING))
    rest = wire.rest()
    assert len(rest) == 1 and int.from_bytes(rest[0][1][:2]) == FAILED, rest


# 5: fragments


@pytest.mark.parametrize("first", [PING, PONG, CLOSE])
def test_a_control_frame_in_fragments_fails_the_connection(wire, first):
    wire.send(frame(first & 0x0F, b"\x03\xe8") + frame(0x80, b"b"))
    assert closes_with(wire, FAILED)


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("chop", [None, 1])
@pytest.mark.parametrize("between", [b"", frame(PING, b"between"), frame(PONG, b"x"), frame(PING, b"between") * 3])
def test_fragments_come_back_as_a_message(wire, first, chop, between):
    frames = [frame(first & 0x0F, b"fragment1"), frame(0, b""), frame(0, b"fragment2"), frame(0x80, b"fragment3")]
    wire.send(between.join(frames), chop)
    pongs = 3 * between.count(frame(PING, b"between"))
    got = [wire.read() for _ in range(pongs + 1)]
    assert got == [(PONG, b"between")] * pongs + [(first, b"fragment1fragment2fragment3")]
    assert is_well(wire)


def test_fragments_of_nothing_are_an_empty_message(wire):
    wire.send(frame(0x01) + frame(0x00) + frame(0x80))
    assert wire.read() == (TEXT, b"")
    assert is_well(wire)


@pytest.mark.parametrize("first", [0x00, 0x80])
@pytest.mark.parametrize("before", [b"", frame(TEXT, b"a"), fragments(TEXT, [b"a", b"b"])])
@pytest.mark.parametrize("chop", [None, 1])
def test_a_continuation_of_nothing_fails_the_connection(wire, first, before, chop):
    wire.send(before + frame(first, b"nothing before") + frame(TEXT, b"behind"), chop)
    rest = wire.rest()
    assert int.from_bytes(rest[-1][1][:2]) == FAILED and (TEXT, b"behind") not in rest, rest


@pytest.mark.parametrize("second", [TEXT, BINARY, 0x01, 0x02])
def test_a_message_within_another_fails_the_connection(wire, second):
    wire.send(frame(0x01, b"fragment1") + frame(second, b"another") + frame(0x80, b"end"))
    assert closes_with(wire, FAILED)


# 6: UTF-8


VALID = [
    "", "Hello", "κόσμε", "\x00", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\ufffe",
    "\U00010000", "\U0010ffff", "\U0001fffe", "\U0010fffe", "\ufeffmark", "a\u0300", GREETING.decode(),
]  # fmt: skip
# What no text begins with, and how many bytes of it may come before a server can tell.
INVALID = [
    (b"\x80", 0), (b"\xbf", 0), (b"\x80\x80", 0), (b"\xc0\xaf", 0), (b"\xc1\xbf", 0), (b"\xe0\x80\xaf", 1),
    (b"\xe0\x9f\xbf", 1), (b"\xf0\x80\x80\xaf", 1), (b"\xf0\x8f\xbf\xbf", 1), (b"\xf8\x88\x80\x80\x80", 0),
    (b"\xfc\x84\x80\x80\x80\x80", 0), (b"\xed\xa0\x80", 1), (b"\xed\xbf\xbf", 1), (b"\xed\xa0\x80\xed\xb0\x80", 1),
    (b"\xf4\x90\x80\x80", 1), (b"\xf5\x80\x80\x80", 0), (b"\xfe", 0), (b"\xff", 0), (b"\xc2 ", 1), (b"\xe2\x82 ", 2),
    (b"\xf0\x9f\x98 ", 3), (b"\xc2\xc2\x80", 1),
    (b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", 12),
]  # fmt: skip
CUT = [b"\xc2", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98"]


@pytest.mark.parametrize("text", VALID)
@pytest.mark.parametrize("cut", ["whole", "frames", "bytes"])
def test_text_comes_back(wire, text, cut):
    data = text.encode()
    wire.send(
        fragments(TEXT, pieces_of(data, 1)) if cut == "frames" else frame(TEXT, data), 1 if cut == "bytes" else None
    )
    assert wire.read() == (TEXT, data)
    assert is_well(wire)


@pytest.mark.parametrize("data", [data for data, _ in INVALID] + CUT)
@pytest.mark.parametrize("cut", ["whole", "frames", "bytes"])
@pytest.mark.parametrize("before", [b"", b"long enough for whole words"])
def test_what_is_no_text_fails_the_connection(wire, data, cut, before):
    raw = before + data
    wire.send(
        fragments(TEXT, pieces_of(raw, 1)) if cut == "frames" else frame(TEXT, raw), 1 if cut == "bytes" else None
    )
    assert closes_with(wire, NOT_TEXT)


@pytest.mark.parametrize("data, good", INVALID)
@pytest.mark.parametrize("is_framed", [True, False])
def test_what_is_no_text_fails_the_connection_at_its_first_byte(wire, data, good, is_framed):
    """The rest of the message is never sent."""
    begun = data[: good + 1]
    if is_framed:
        wire.send(frame(0x01, GREETING) + frame(0x00, begun))
    else:
        raw = frame(TEXT, GREETING + begun + b"more" * 10)
        wire.send(raw[: len(raw) - 40], 1)
    assert closes_with(wire, NOT_TEXT)


def test_binary_need_not_be_text(wire):
    for data, _ in INVALID:
        wire.send(frame(BINARY, data))
        assert wire.read() == (BINARY, data)


# 7: closing


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
)
@pytest.mark.parametrize("reason", [b"", b"Hello World!", "café".encode(), b"*" * 123])
def test_a_close_is_answered_with_its_code(wire, code, reason):
    wire.send(close_frame(code, reason))
    assert closes_with(wire, code)


def test_a_close_without_a_code_is_answered(wire):
    wire.send(frame(CLOSE))
    rest = wire.rest()
    assert len(rest) == 1 and rest[0][0] == CLOSE and rest[0][1] in (b"", b"\x03\xe8"), rest


@pytest.mark.parametrize("code", [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 65535])
def test_a_code_that_may_not_be_sent_fails_the_connection(wire, code):
    wire.send(close_frame(code))
    assert closes_with(wire, FAILED)


@pytest.mark.parametrize(
    "raw, code",
    [
        (frame(CLOSE, b"\x03"), FAILED),
        (close_frame(1000, b"*" * 124), FAILED),
        (close_frame(1000, b"*" * 200), FAILED),
        (close_frame(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), NOT_TEXT),
        (close_frame(1000, b"\xe2\x82"), NOT_TEXT),
    ],
)
def test_a_close_that_is_none_fails_the_connection(wire, raw, code):
    wire.send(raw)
    assert closes_with(wire, code)


@pytest.mark.parametrize(
    "behind",
    [
        close_frame(1000),
        frame(PING, b"x"),
        frame(TEXT, b"x"),
        frame(0x80, b"x"),
        b"\xff" * 200,
        frame(TEXT, b"x" * 300_000),
    ],
)
def test_what_comes_behind_a_close_means_nothing_and_does_not_reset(wire, behind):
    wire.send(close_frame(1000) + behind)
    assert wire.rest() == [(CLOSE, b"\x03\xe8")]


def test_a_close_within_a_message_is_answered(wire):
    wire.send(frame(0x01, b"fragment1") + close_frame(1000) + frame(0x80, b"fragment2"))
    assert wire.rest() == [(CLOSE, b"\x03\xe8")]


def test_a_close_behind_a_large_message_ends_the_connection(wire):
    wire.send(frame(TEXT, b"*" * 256 * KIB) + close_frame(1000) + frame(PING, b"x"))
    rest = wire.rest()
    assert rest[-1] == (CLOSE, b"\x03\xe8") and rest[:-1] in ([], [(TEXT, b"*" * 256 * KIB)]), [
        first for first, _ in rest
    ]


def test_an_end_without_a_close_is_one(server, base):
    wires = [Wire.at(base, PATH) for _ in range(20)]
    for wire in wires:
        wire.send(frame(0x01, b"half a message"))
        wire.leave()
    with Wire.at(base, PATH) as wire:
        assert is_well(wire)


# 9: large messages


LARGE = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("size", LARGE)
def test_a_large_message_comes_back(wire, first, size):
    data = payload(first, size)
    wire.send(frame(first, data))
    got = wire.read()
    assert got[0] == first and got[1] == data
    assert is_well(wire)


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("piece", [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB])
def test_a_large_message_in_fragments_comes_back(wire, first, piece):
    data = payload(first, 4 * MIB)
    wire.send(fragments(first, pieces_of(data, piece)))
    got = wire.read()
    assert got[0] == first and got[1] == data
    assert is_well(wire)


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("chop", [64, 128, 256, 512, KIB, 2 * KIB])
def test_a_large_message_in_small_writes_comes_back(wire, first, chop):
    data = payload(first, 16 * MIB if LONG else MIB)
    wire.send(frame(first, data), chop)
    got = wire.read()
    assert got[0] == first and got[1] == data
    assert is_well(wire)


@pytest.mark.parametrize("first", [TEXT, BINARY])
@pytest.mark.parametrize("size", [0, 16, 64, 256, KIB, 4 * KIB])
def test_a_thousand_messages_come_back(wire, first, size):
    data = payload(first, size)
    begun = time.monotonic()
    for _ in range(1000):
        wire.send(frame(first, data))
        assert wire.read() == (first, data)
    assert time.monotonic() - begun < seconds(30)
    assert is_well(wire)


def test_a_message_above_the_largest_is_refused_before_it_has_come(base):
    for raw in (
        b"\x81\xff" + (16 * MIB + 1).to_bytes(8) + b"1234",
        b"\x81\xff" + (1 << 40).to_bytes(8) + b"1234",
        frame(0x01, b"*" * (9 * MIB)) + b"\x80\xff" + (9 * MIB).to_bytes(8) + b"1234",
    ):
        with Wire.at(base, PATH) as wire:
            wire.send(raw)
            assert closes_with(wire, TOO_LARGE)


# 10: fragments as a library cuts them, and a library as the other side


def test_messages_of_a_library_come_back(base):
    @run_async
    async def echo():
        url = base.replace("http", "ws") + PATH.decode()
        async with websockets.connect(url, max_size=None, proxy=None) as socket:
            data = "*" * 65536
            await socket.send(data[n : n + 1300] for n in range(0, len(data), 1300))
            assert await socket.recv() == data
            for message in ["", "text", b"", b"\x00\xff", GREETING.decode(), b"x" * 70000]:
                await socket.send(message)
                assert await socket.recv() == message
            await (await socket.ping(b"library"))
            await asyncio.gather(*[socket.send(f"{n}") for n in range(200)])
            assert [await socket.recv() for _ in range(200)] == [f"{n}" for n in range(200)]
            await socket.close(4321, "bye")
            assert socket.close_code == 4321

    echo()


def test_an_extension_that_is_offered_is_declined(base):
    with Wire.at(base, PATH, b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits") as wire:
        assert "sec-websocket-extensions" not in wire.accepted.headers
        assert is_well(wire)


def test_frames_with_the_handshake_are_read(base):
    with Wire.at(base, PATH, behind=frame(TEXT, b"early") + frame(PING, b"bird") + close_frame(1000)) as wire:
        assert wire.rest()[-1] == (CLOSE, b"\x03\xe8")
    with Wire.at(base, PATH, behind=frame(TEXT, b"early")) as wire:
        assert wire.read() == (TEXT, b"early")


def test_the_mask_goes_over_whatever_length():
    """That of this test's own client: a wrong one would find nothing."""
    for size in range(20):
        data = bytes(range(size))
        assert masked(data) == bytes(byte ^ b"\x37\xfa\x21\x3d"[n % 4] for n, byte in enumerate(data))
