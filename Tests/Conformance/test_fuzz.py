"""Anything at all, at a server of the run's own: it stays, answers everybody else, and does not grow.

ORDERLINE_LONG=1 goes on for ten minutes, or for FUZZ_SECONDS.
"""

import contextlib
import http.client
import os
import socket
import time
from urllib.parse import urlsplit

from Harness.frames import TEXT, Wire, close_frame, fragments, frame, handshake
from Harness.settings import seconds
from Harness.waiting import until
from server import ConformanceServer
from sessions import Polling, Socket, ask, target

DURATION = int(os.environ.get("FUZZ_SECONDS", "600")) if os.environ.get("ORDERLINE_LONG") == "1" else 5
PATHS = ["/engine.io/", "/socket.io/"]
PACKETS = [
    b"0", b"1", b"2", b"2probe", b"3", b"4", b"4hello", b"40", b"40/custom,", b"41", b'42["message",1]', b"5", b"6",
    b"b", b"bAQID", b'451-["message",{"_placeholder":true,"num":0}]', b'4299["message-with-ack",{"a":[1]}]', b"\x1e",
    b"\x1e", b"4" + b"[" * 500, b"\xff", b"4\xf0\x9f", b"47", b"4" + b"x" * 5000, b'42["message"' + b"]" * 9,
]  # fmt: skip
# What it may grow in the time: caches and stacks that are filled once.
GROWTH = 48 << 20


def spoiled(chance, data):
    """The bytes with a few of them changed, left out or doubled."""
    data = bytearray(data)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 8])):
        if not data:
            break
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at]
            case 2:
                data.insert(at, chance.randrange(256))
            case 3:
                del data[at:]
            case 4:
                data[at:at] = data[at : at + 20]
    return bytes(data)


def packets(chance, most=6):
    return b"\x1e".join(chance.choice(PACKETS) for _ in range(chance.randrange(most)))


def drained(connection, bound=0.3):
    """Reads what comes, for a moment or to the end."""
    connection.settimeout(bound)
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass


def by_raw_bytes(chance, base):
    """A request that may be none."""
    sid = f"conformance.{'a' * 22}"
    line = f"{chance.choice(['GET', 'POST', 'PUT'])} {chance.choice(PATHS)}?EIO=4&transport=polling&sid={sid} HTTP/1.1"
    body = packets(chance)
    raw = line.encode() + b"\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    url = urlsplit(base)
    with socket.create_connection((url.hostname, url.port), timeout=seconds(10)) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(spoiled(chance, chance.choice([raw, handshake(b"/ws-echo"), chance.randbytes(200)])))
            drained(connection, 0.01)


def by_queries(chance, base):
    names = ["EIO", "transport", "sid", "t", "b64", "j", chance.randbytes(2).hex()]
    values = [
        "4",
        "3",
        "polling",
        "websocket",
        "",
        "conformance." + "a" * 22,
        "€",
        chance.randbytes(5).hex(),
        "x" * 3000,
    ]
    query = {chance.choice(names): chance.choice(values) for _ in range(chance.randrange(5))}
    status, _ = ask(base, chance.choice(["GET", "POST", "PUT"]), target(chance.choice(PATHS), **query), b"x")
    assert status in (200, 400), (query, status)


def by_bodies(chance, base):
    session = Polling(base, chance.choice(PATHS))
    for _ in range(chance.randrange(1, 8)):
        if chance.randrange(3):
            status, text = session.post(spoiled(chance, packets(chance)))
            assert (status, text) == (200, "ok") or status == 400, (status, text)
        else:
            poll = session.begin_poll()
            if chance.randrange(4):
                poll.connection.sock.settimeout(seconds(5))
                status, _ = poll.answer()
                assert status in (200, 400), status
            else:
                poll.abandon()


def by_upgrades(chance, base):
    session = Polling(base, chance.choice(PATHS))
    sockets, polls = [], []
    for _ in range(chance.randrange(1, 10)):
        match chance.randrange(5):
            case 0:
                with contextlib.suppress(AssertionError, OSError):
                    sockets.append(session.open_websocket())
            case 1:
                polls.append(session.begin_poll())
            case 2:
                polls.append(session.begin_post(packets(chance)))
            case _ if sockets:
                chance.choice(sockets).send(frame(TEXT, chance.choice([b"2probe", b"5", b"4hello", packets(chance)])))
    for one in polls:
        one.abandon()
    for one in sockets:
        one.leave()


def by_frames(chance, base):
    where = chance.choice([b"/ws-echo", *[f"{path}?EIO=4&transport=websocket".encode() for path in PATHS]])
    with Wire.at(base, where) as wire:
        parts = []
        for _ in range(chance.randrange(1, 8)):
            data = chance.choice([packets(chance, 2), chance.randbytes(chance.randrange(300))])
            parts.append(
                chance.choice(
                    [
                        frame(chance.choice([0x81, 0x82, 0x89, 0x8A]), data[:125]),
                        fragments(chance.choice([0x81, 0x82]), [data[:50], data[50:]]),
                        frame(chance.randrange(256), data),
                        close_frame(chance.randrange(65536), data[:100]),
                    ]
                )
            )
        wire.send(spoiled(chance, b"".join(parts)), chance.choice([None, 1, 7, 100]))
        if chance.randrange(2):
            drained(wire.socket, 0.02)


WAYS = [by_raw_bytes, by_queries, by_bodies, by_upgrades, by_frames]


def answers_others(base):
    """Somebody who keeps to the protocols is served as ever."""
    session = Polling(base)
    assert session.post("4hello") == (200, "ok") and session.poll_past_pings() == (200, "4hello")
    with session.upgraded() as changed:
        changed.say("4hello")
        assert changed.hear_past_pings() == "4hello"
    with Socket.opened(base, "/socket.io/") as client:
        client.say("40", '42["message",1]')
        assert [client.hear_past_pings() for _ in range(3)][2] == '42["message-back",1]'
    with Wire.at(base, b"/ws-echo") as wire:
        wire.send(frame(TEXT, b"hello"))
        assert wire.read() == (TEXT, b"hello")


def test_whatever_comes_harms_nobody(chance):
    with ConformanceServer() as server:
        counts, resident = {}, None
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < DURATION:
            way = chance.choice(WAYS)
            # The server may cut it off at any moment; it may not be gone.
            with contextlib.suppress(ConnectionError, http.client.BadStatusLine):
                way(chance, server.base)
            counts[way.__name__] = counts.get(way.__name__, 0) + 1
            if sum(counts.values()) % 100 == 0:
                assert server.is_alive
                answers_others(server.base)
            if resident is None and passed > DURATION / 4:
                resident = server.resident_bytes
        assert server.is_alive
        answers_others(server.base)
        until(lambda: sum(server.sockets().values()) == 0, 20, "nothing is left")
        assert server.resident_bytes - resident < GROWTH, (resident, server.resident_bytes)
        print(f"{counts}; from {resident >> 10} KiB after a quarter of the time to {server.resident_bytes >> 10} KiB")
