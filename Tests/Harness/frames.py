"""RFC 6455 on the wire: handshakes and frames as a client sends them, right or wrong; what comes back is read strictly.

Nothing here is a library's: a library sends only what is right.
"""

import base64
import contextlib
import hashlib
import socket
import struct
import time
from urllib.parse import urlsplit

from Harness.settings import seconds
from Harness.wire import Answer

KEY = base64.b64encode(b"0123456789abcdef")
ACCEPTANCE = base64.b64encode(hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
# That of the example in RFC 6455, 5.7.
MASK = b"\x37\xfa\x21\x3d"


def handshake(path, *fields, key=KEY, version=b"13"):
    lines = [b"Connection: keep-alive, Upgrade", b"Upgrade: websocket"]
    lines += [b"Sec-WebSocket-Key: " + key] if key is not None else []
    lines += [b"Sec-WebSocket-Version: " + version] if version is not None else []
    head = b"GET %s HTTP/1.1\r\nHost: localhost\r\n" % path
    return head + b"".join(line + b"\r\n" for line in [*lines, *fields]) + b"\r\n"


def masked(payload, mask=MASK):
    """The payload with the mask over it; megabytes are no trouble."""
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    both = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return both.to_bytes(len(payload), "big")


def frame(first, payload=b"", is_masked=True, mask=MASK):
    """A frame whose first byte (FIN, reserved bits, opcode) is `first`."""
    size = len(payload)
    if size < 126:
        head = bytes([size])
    else:
        head = b"\x7e" + struct.pack(">H", size) if size < 65536 else b"\x7f" + struct.pack(">Q", size)
    if not is_masked:
        return bytes([first]) + head + payload
    return bytes([first, head[0] | 0x80]) + head[1:] + mask + masked(payload, mask)


def fragments(first, pieces):
    """A message in as many frames as there are pieces."""
    return b"".join(
        frame((first & 0x0F if n == 0 else 0) | (0x80 if n == len(pieces) - 1 else 0), piece)
        for n, piece in enumerate(pieces)
    )


def pieces_of(payload, size):
    return [payload[n : n + size] for n in range(0, len(payload), size)] or [b""]


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


class Wire:
    """A connection after its handshake, read frame by frame."""

    def __init__(self, base, raw, before=(), timeout=10):
        """Sends `raw` at once, a handshake and what is to stand around it, and reads the answers to `before` (methods)
        and the acceptance."""
        url = urlsplit(base)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=seconds(timeout))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(raw)
        self.stream = self.socket.makefile("rb")
        self.answers = [Answer.read(self.stream, method) for method in before]
        self.accepted = Answer.read(self.stream)
        assert self.accepted.status == 101, self.accepted

    @classmethod
    def at(cls, base, path, *fields, behind=b"", timeout=10):
        """`behind` goes out together with the handshake."""
        wire = cls(base, handshake(path, *fields) + behind, timeout=timeout)
        assert wire.accepted.headers["sec-websocket-accept"] == ACCEPTANCE
        return wire

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        """Without a word."""
        self.stream.close()
        self.socket.close()

    def send(self, raw, size=None):
        """All of it, at most `size` bytes in a packet. The other side may be gone."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces_of(raw, size) if size else [raw]:
                self.socket.sendall(piece)

    def read(self):
        """The next frame: its first byte and its payload; None at the end."""
        head = self.stream.read(2)
        if len(head) < 2:
            return None
        assert head[1] & 0x80 == 0 and head[0] & 0x70 == 0, head
        size = head[1]
        if size == 126:
            size = struct.unpack(">H", self.stream.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.stream.read(8))[0]
        payload = self.stream.read(size)
        assert len(payload) == size, (size, len(payload))
        return head[0], payload

    def rest(self, answers=False):
        """Every frame until the server ends the connection, which it must do soon; a reset is no end.

        answers: whether its close is answered, as the server may wait for that.
        """
        got, begun = [], time.monotonic()
        while (next_ := self.read()) is not None:
            got.append(next_)
            if answers and next_[0] == CLOSE:
                self.send(frame(CLOSE, next_[1]))
        assert time.monotonic() - begun < seconds(5), got
        return got
