"""Clients of Engine.IO 4 that do exactly what they are told, by requests and by a WebSocket."""

import http.client
import json
from urllib.parse import urlencode, urlsplit

from Harness.frames import BINARY, CLOSE, TEXT, Wire, frame, handshake
from Harness.settings import seconds


def target(path, **query):
    return f"{path}?{urlencode(query)}" if query else path


class Asked:
    """A request on a connection of its own: it goes out at once, and is answered when somebody looks."""

    def __init__(self, base, method, where, body=None, headers=None):
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=seconds(10))
        self.connection.request(method, where, body.encode() if isinstance(body, str) else body, headers or {})

    def answer(self):
        """The status and the text of the body."""
        response = self.connection.getresponse()
        self.type = response.headers.get("content-type")
        text = response.read().decode()
        self.connection.close()
        return response.status, text

    def abandon(self):
        self.connection.close()


def ask(base, method, where, body=None, headers=None):
    return Asked(base, method, where, body, headers).answer()


class Polling:
    """A session that was begun by polling."""

    def __init__(self, base, path="/engine.io/"):
        self.base, self.path = base, path
        status, text = ask(base, "GET", target(path, EIO=4, transport="polling"))
        assert status == 200 and text[0] == "0", (status, text)
        self.handshake = json.loads(text[1:])
        self.sid = self.handshake["sid"]

    def where(self, transport="polling"):
        return target(self.path, EIO=4, transport=transport, sid=self.sid)

    def begin_poll(self):
        return Asked(self.base, "GET", self.where())

    def begin_post(self, body, headers=None):
        return Asked(self.base, "POST", self.where(), body, headers)

    def poll(self):
        return self.begin_poll().answer()

    def post(self, body, headers=None):
        return self.begin_post(body, headers).answer()

    def poll_past_pings(self):
        """The next packets that are no pings, which are answered."""
        while True:
            status, text = self.poll()
            packets = text.split("\x1e") if status == 200 else [text]
            if "2" in packets:
                assert self.post("3") == (200, "ok")
            if rest := [packet for packet in packets if packet != "2"]:
                return status, "\x1e".join(rest)

    def open_websocket(self, behind=b""):
        return Socket(self.base, self.where("websocket"), behind=behind)

    def upgraded(self):
        """The session over a WebSocket."""
        socket = self.open_websocket()
        socket.say("2probe")
        assert socket.hear() == "3probe"
        socket.say("5")
        return socket


class Socket(Wire):
    """Packets in the messages of a WebSocket."""

    def __init__(self, base, where, behind=b""):
        super().__init__(base, handshake(where.encode()) + behind)

    @classmethod
    def opened(cls, base, path="/engine.io/"):
        """A session begun by a WebSocket, its handshake read."""
        socket = cls(base, target(path, EIO=4, transport="websocket"))
        text = socket.hear()
        assert text[0] == "0", text
        socket.handshake = json.loads(text[1:])
        return socket

    def say(self, *packets):
        """Each a text, or bytes."""
        self.send(b"".join(frame(TEXT, p.encode()) if isinstance(p, str) else frame(BINARY, p) for p in packets))

    def hear(self):
        """The next message; None when the server closes."""
        got = self.read()
        if got is None or got[0] == CLOSE:
            return None
        first, payload = got
        assert first in (TEXT, BINARY), got
        return payload.decode() if first == TEXT else payload

    def hear_past_pings(self):
        """The next message that is no ping; pings are answered."""
        while (got := self.hear()) == "2":
            self.say("3")
        return got

    def is_closed_by_server(self):
        """Whether nothing but pings comes until the connection ends, which it must."""
        return all(got == (TEXT, b"2") or got[0] == CLOSE for got in self.rest(answers=True))
