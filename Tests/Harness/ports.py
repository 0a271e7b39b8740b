"""Free ports. As a program (`python -m Harness.ports COUNT`) prints the first of COUNT free ones in a row."""

import contextlib
import random
import socket
import sys

# Below those that the kernel gives to clients, above those that people use.
RANGE = (10_000, 30_000)


def free_ports(count=1):
    """The first of as many free ports in a row. Not of the seed: runs beside each other must not draw the same."""
    for _ in range(1000):
        first = random.randint(*RANGE)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise RuntimeError("no free ports")


if __name__ == "__main__":
    print(free_ports(int(sys.argv[1])))
