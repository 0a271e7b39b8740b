"""A balancer that keeps nobody at one backend: each request of a client goes to the next one."""

import asyncio
import contextlib
import re
from urllib.parse import urlsplit

from Harness.settings import seconds

CHECK_EVERY, CHECK_PATIENCE = 0.3, 1.5


class Balancer:
    """Listens on a free port of the loopback for the time of the block.

    One request for each connection. A backend that is not ready gets none, and those that it has are cut, as balancers
    do with a backend that they have marked down.
    """

    def __init__(self, backends):
        self.backends = [(urlsplit(url).hostname, urlsplit(url).port) for url in backends]
        self.down = set()
        self._next = 0
        self._under_way = {backend: set() for backend in self.backends}

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._checks = [asyncio.create_task(self._check(backend)) for backend in self.backends]
        return self

    async def __aexit__(self, *_):
        for check in self._checks:
            check.cancel()
        self._server.close()
        for backend in self.backends:
            self._cut(backend)

    def _cut(self, backend):
        for task in list(self._under_way[backend]):
            task.cancel()

    async def _check(self, backend):
        while True:
            try:
                async with asyncio.timeout(seconds(CHECK_PATIENCE)):
                    reader, writer = await asyncio.open_connection(*backend)
                    writer.write(b"GET /health/ready HTTP/1.1\r\nHost: balancer\r\nConnection: close\r\n\r\n")
                    is_ready = b" 200 " in await reader.readline()
                    writer.close()
            except (OSError, TimeoutError):
                is_ready = False
            if is_ready:
                self.down.discard(backend)
            elif backend not in self.down:
                self.down.add(backend)
                self._cut(backend)
            await asyncio.sleep(CHECK_EVERY)

    def _choose(self):
        for _ in self.backends:
            self._next += 1
            backend = self.backends[self._next % len(self.backends)]
            if backend not in self.down:
                return backend
        return None

    async def _serve(self, client, answers):
        try:
            head = await client.readuntil(b"\r\n\r\n")
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            body = await client.readexactly(int(length[1])) if length else b""
            if backend := self._choose():
                is_upgrade = re.search(rb"\r\nupgrade: *websocket", head, re.IGNORECASE)
                if not is_upgrade:
                    head = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)
                    head = head[:-2] + b"Connection: close\r\n\r\n"
                await self._forward(backend, head + body, client, answers)
            else:
                answers.write(b"HTTP/1.1 503 Nobody\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            answers.close()

    async def _forward(self, backend, request, client, answers):
        """Until either side ends the connection, or the backend is marked down."""
        server, requests = await asyncio.open_connection(*backend)
        requests.write(request)
        ways = {
            asyncio.create_task(self._pump(server, answers)),
            asyncio.create_task(self._pump(client, requests)),
        }
        self._under_way[backend] |= ways
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._under_way[backend] -= ways
            for way in ways:
                way.cancel()
            requests.close()

    @staticmethod
    async def _pump(source, sink):
        with contextlib.suppress(OSError):
            while chunk := await source.read(65536):
                sink.write(chunk)
                await sink.drain()
