"""Bytes on a connection: what is sent is not looked at, what comes back is read strictly."""

import contextlib
import json
import socket
from urllib.parse import urlsplit

from Harness import contract


class Answer:
    """One response as it stood on the wire."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:200]!r}>"

    def is_problem(self, code):
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return False
        problem = json.loads(self.body)
        return (
            problem["code"] == code
            and problem["status"] == self.status
            and problem["type"] == f"/problems/{code}"
            and problem["requestId"] == self.headers["x-request-id"]
            and self.headers["x-content-type-options"] == "nosniff"
        )

    @classmethod
    def read(cls, stream, method=b"GET"):
        """The next response of a stream to a request with `method`; None at the stream's end."""
        line = stream.readline()
        if not line:
            return None
        version, status, phrase = line.decode("latin-1").split(" ", 2)
        assert version == "HTTP/1.1" and line.endswith(b"\r\n") and phrase.strip(), line
        headers = {}
        while (line := stream.readline()) != b"\r\n":
            name, _, value = line.decode("latin-1").partition(":")
            assert line.endswith(b"\r\n") and name and name.lower() not in headers, line
            headers[name.lower()] = value.strip()
        status = int(status)
        if method == b"HEAD" or status < 200 or status in (204, 304):
            return cls(status, headers, b"")
        body = stream.read(int(headers["content-length"]))
        assert len(body) == int(headers["content-length"]), (status, headers, body)
        if headers.get("content-type") == "application/problem+json":
            contract.saw_problem(body)
        return cls(status, headers, body)


class _Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def readline(self):
        end = self.data.find(b"\n", self.at) + 1 or len(self.data)
        return self.read(end - self.at)


def read_answers(data, methods):
    """Every response in `data`; nothing may stand between them or after them."""
    stream, answers, methods = _Bytes(data), [], list(methods)
    while True:
        answer = Answer.read(stream, methods[0] if methods else b"GET")
        if answer is None:
            return answers
        answers.append(answer)
        if answer.status >= 200 and methods:
            methods.pop(0)


def exchange(gateway, raw, size=None, methods=None, shut=False, timeout=10):
    """Sends the bytes, at most `size` at once, and reads every response until the server closes.

    `methods` are those of the requests, GET for any more; without them the first is read from the bytes.
    """
    target = urlsplit(gateway)
    with socket.create_connection((target.hostname, target.port), timeout=timeout) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # It may be refused before all of it was read; the answer is what counts.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for start in range(0, len(raw), size or len(raw)):
                connection.sendall(raw[start : start + (size or len(raw))])
            if shut:
                connection.shutdown(socket.SHUT_WR)
        received = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                piece = b""
            except TimeoutError:
                raise AssertionError(f"not closed after {timeout} s; came: {received[:500]!r}") from None
            if not piece:
                return read_answers(received, methods or [raw.lstrip().split(b" ")[0]])
            received += piece
