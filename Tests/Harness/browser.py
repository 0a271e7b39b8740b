"""Socket.IO's own JavaScript client in a headless Chromium, with the face of the other sockets."""

import asyncio
import contextlib
import importlib.metadata
import itertools
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import socketio
from playwright.async_api import async_playwright

from Harness.settings import seconds
from Harness.sockets import Socket

# What a page does before a test drives it: everything that happens to its socket is told in the order it happens.
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>A front end of the tests</title>
<link rel="icon" href="data:,">
<script src="/socket.io.js"></script>
<script>
  const bytes = (key, value) => (value?.bytes ? new Uint8Array(value.bytes) : value);
  const read = (text) => JSON.parse(text, bytes);

  function connect([url, options]) {
    window.socket = io(url, options);
    socket.onAny((event, data) => note("event", event, data ?? null));
    socket.on("connect", () => note("connect", socket.id, null));
    socket.on("connect_error", (error) => note("refused", error.message, error.data ?? null));
    socket.on("disconnect", (reason) => note("disconnect", reason, null));
    socket.io.on("open", () => {
      note("transport", socket.io.engine.transport.name, null);
      socket.io.engine.on("upgrade", (transport) => note("transport", transport.name, null));
    });
    socket.io.on("reconnect_attempt", (attempt) => console.info("attempt", attempt, "to come back"));
  }
  const send = ([event, data]) => void socket.emit(event, read(data));
  const call = ([id, event, data]) => void socket.emit(event, read(data), (...answer) => note("ack", id, answer));
</script>
"""


def client_script():
    """The client's source, out of a package that carries it."""
    (script,) = (file for file in importlib.metadata.files("nicegui") if file.name == "socket.io.min.js")
    return script.locate().read_bytes()


def chromium():
    """The path of the browser that the tests show pages in."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: install it, as bin/test does"
    return program


class PageServer:
    """Serves the page for the time of the block, at the origin `http://127.0.0.1:PORT`."""

    def __init__(self, origin):
        files = {"/": ("text/html", PAGE.encode()), "/socket.io.js": ("text/javascript", client_script())}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                media_type, body = files.get(self.path, ("text/plain", b""))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", f"{media_type}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Nobody asks what was fetched."""

        url = urlsplit(origin)
        self.server = ThreadingHTTPServer((url.hostname, url.port), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Browser:
    """One headless Chromium for the time of the block. Its event loop has a thread of its own, so that tests that have
    a loop each can share it."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._started = contextlib.AsyncExitStack()
        self._run(self._start())
        return self

    def __exit__(self, *_):
        self._run(self._started.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self):
        playwright = await self._started.enter_async_context(async_playwright())
        # Its sandbox does not work for root. Nothing but pages of the tests is opened.
        self._chromium = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        self._started.push_async_callback(self._chromium.close)

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds(60))

    async def on_loop(self, coroutine):
        """The result of what has to run on the browser's loop, for a test with a loop of its own."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def open(self, origin, note):
        """A page of the origin, with cookies and connections of its own; `note` is called, on this loop, with what its
        socket is told."""
        here = asyncio.get_running_loop()

        def tell(*told):
            here.call_soon_threadsafe(note, *told)

        async def opened():
            page = await self._chromium.new_page()
            # Seen beside a test that fails.
            page.on("console", lambda message: print(f"console: {message.type}: {message.text}"))
            page.on("pageerror", lambda error: print(f"console: uncaught: {error}"))
            await page.expose_function("note", tell)
            await page.goto(origin)
            return page

        return await self.on_loop(opened())


class JavaScriptClient(Socket):
    """The JavaScript client in a page of its own. With `retries` among its options, use `run` and not `call`."""

    def __init__(self, browser):
        super().__init__()
        self._browser, self._page = browser, None
        self._numbers, self._waiting = itertools.count(1), {}
        self.connect_error = None

    @classmethod
    async def connect(cls, browser, origin, base, token=None, namespace="", **options):
        """options: as `io(url, options)` takes them. On a refusal the error has `.client`."""
        client = cls(browser)
        client._page = await browser.open(origin, client._noted)
        await client.run("connect", [base + namespace, {"auth": {"token": token} if token else {}, **options}])
        await client.wait_until(lambda: client.connections or client.connect_error)
        if not client.connections:
            await client.close()
            error = socketio.exceptions.ConnectionError(client.connect_error["message"])
            error.client = client
            raise error
        return client

    def _noted(self, kind, name, data):
        match kind:
            case "connect":
                self._connected(name)
            case "disconnect":
                self._disconnected(name)
            case "refused":
                self.connect_error = {"message": name, "data": data}
                self._note(kind, name, data)
            case "ack":
                self._note("ack", name, data)
                self._waiting.pop(name).set_result(data)
            case _:
                self._note(kind, name, data)

    async def run(self, function, argument=None):
        """The result of a function of JavaScript, in which `socket` is the client."""
        return await self._browser.on_loop(self._page.evaluate(function, argument))

    @property
    def transport(self):
        """The name of that which it uses now."""
        return [name for kind, name, _ in self.log if kind == "transport"][-1]

    async def emit(self, event, data):
        await self.run("send", [event, _text(data)])

    async def call(self, event, data, timeout=10):
        number = next(self._numbers)
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.run("call", [number, event, _text(data)])
        return self._answer(await self._unless_closed(answered, event, timeout))

    async def close(self):
        if not self._page.is_closed():
            await self.run("() => void socket.disconnect()")
            await self._browser.on_loop(self._page.close())


def _text(data):
    """The data as the page reads it, bytes too."""
    return json.dumps(data, default=lambda raw: {"bytes": list(raw)})
