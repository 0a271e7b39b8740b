"""A proxy between a client and a gateway that cuts connections, delays frames and sends them twice."""

import asyncio
import contextlib
import threading
from collections import defaultdict

import aiohttp
from aiohttp import web

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"}


class Asked:
    """How often something was asked for, and how many at a time at most."""

    def __init__(self):
        self.count = self.most = self._now = 0

    @contextlib.contextmanager
    def another(self):
        self.count += 1
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            yield
        finally:
            self._now -= 1


class Meddler:
    """Passes everything on to `gateway` for the time of the block; `origin` is where it listens.

    cuts: how many frames of sockets pass, on average, between two cuts; 0 cuts nothing. It cuts before a frame is
    passed on or behind it, so that an answer is lost as often as what it answers.
    """

    def __init__(self, gateway, chance, cuts=0):
        self.gateway, self.chance, self.cuts = gateway, chance, cuts
        self.count = self.doubled = 0
        self.origin = None
        # By path, for how many seconds answers are held back.
        self.holds = {}
        # Whether it is as if nobody were there.
        self.is_away = False
        self._sockets = set()
        # By path, the requests that were passed on.
        self.asked = defaultdict(Asked)

    def __enter__(self):
        self._loop, started = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def cut(self):
        """Cuts every socket that is there now."""

        def drop():
            for socket in list(self._sockets):
                socket.cancel()

        self._loop.call_soon_threadsafe(drop)

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(started))
        self._loop.close()

    async def _serve(self, started):
        self._over = asyncio.Event()
        application = web.Application()
        application.router.add_get("/ws", self._socket)
        application.router.add_route("*", "/{path:.*}", self._request)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            started.set()
            await self._over.wait()
            await runner.cleanup()

    async def _request(self, request):
        if self.is_away:
            request.transport.abort()
            return web.Response()
        with self.asked[request.path].another():
            response = await self._passed_on(request)
            await asyncio.sleep(self.holds.get(request.path, 0))
            return response

    async def _passed_on(self, request):
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        url = self.gateway + request.path_qs
        async with self._session.request(
            request.method, url, headers=headers, data=await request.read(), allow_redirects=False
        ) as answer:
            passed = [(name, value) for name, value in answer.headers.items() if name.lower() not in HOP]
            response = web.Response(status=answer.status, body=await answer.read())
            for name, value in passed:
                response.headers.add(name, value) if name != "Content-Type" else response.headers.update({name: value})
            return response

    async def _socket(self, request):
        if self.is_away:
            request.transport.abort()
            return web.Response()
        client = web.WebSocketResponse(max_msg_size=0)
        await client.prepare(request)
        url = self.gateway.replace("http", "ws", 1) + "/ws"
        async with self._session.ws_connect(url, max_msg_size=0) as gateway:
            ways = [asyncio.create_task(self._pass(client, gateway)), asyncio.create_task(self._pass(gateway, client))]
            self._sockets.update(ways)
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            self._sockets.difference_update(ways)
        if request.transport is not None:
            request.transport.abort()
        return client

    async def _pass(self, source, target):
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            async for message in source:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                cut = self.cuts and self.chance.random() < 1 / self.cuts
                if cut and self.chance.random() < 0.5:
                    break
                if self.cuts and self.chance.random() < 0.05:
                    await asyncio.sleep(self.chance.random() * 0.05)
                await target.send_str(message.data)
                if self.cuts and self.chance.random() < 0.1:
                    self.doubled += 1
                    await target.send_str(message.data)
                if cut:
                    break
            else:
                return
            self.count += 1
