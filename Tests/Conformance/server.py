"""The server under test, as a process."""

import contextlib
import json
import subprocess
import urllib.request

from Harness.ports import free_ports
from Harness.processes import TIED, is_alive, resident_bytes
from Harness.settings import PROGRAMS, seconds
from Harness.waiting import until

PING_INTERVAL = 0.3
PING_TIMEOUT = 0.2
CONNECT_TIMEOUT = 1.0
MAX_PAYLOAD = 1_000_000


class ConformanceServer:
    """Begun and ended by `with`."""

    def __init__(self):
        self.port = free_ports()
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        times = {
            "--ping-interval-ms": PING_INTERVAL,
            "--ping-timeout-ms": PING_TIMEOUT,
            "--connect-timeout-ms": CONNECT_TIMEOUT,
        }
        options = [part for name, value in times.items() for part in (name, str(round(value * 1000)))]
        options += ["--max-payload", str(MAX_PAYLOAD)]
        self.process = subprocess.Popen(
            [*TIED, PROGRAMS / "conformance-server", "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
        )
        until(self._answers, 20, "the server answers")
        return self

    def _answers(self):
        assert self.process.poll() is None, f"it has ended with {self.process.returncode}"
        with contextlib.suppress(OSError):
            return self.sockets() is not None

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(seconds(20)) == 0

    @property
    def is_alive(self):
        return is_alive(self.process.pid)

    @property
    def resident_bytes(self):
        return resident_bytes(self.process.pid)

    def sockets(self):
        """How many sockets and sessions are open at each address."""
        with urllib.request.urlopen(f"{self.base}/sockets", timeout=seconds(10)) as answer:
            return json.load(answer)
