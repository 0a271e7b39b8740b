"""Free ports.

As a program, `python -m Harness.ports COUNT` prints the first of COUNT free ones in a row, and with `page` for COUNT
one that nobody else is given, because it is taken long after.
"""

import contextlib
import random
import socket
import sys

# Above those that people use, below those that a `localstack` draws for what nobody names (FreePorts.swift), which are
# below those that the kernel gives to clients.
PAGES = (10_000, 10_999)
RANGE = (11_000, 16_000)


def free_ports(count=1, among=RANGE):
    """The first of as many free ports in a row. Not of the seed: runs beside each other must not draw the same."""
    for _ in range(1000):
        first = random.randint(*among)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise RuntimeError("no free ports")


if __name__ == "__main__":
    print(free_ports(among=PAGES) if sys.argv[1] == "page" else free_ports(int(sys.argv[1])))
