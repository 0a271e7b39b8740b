"""Waiting for a condition, always with a bound."""

import asyncio
import time

from Harness.settings import seconds


def until(probe, bound=10, what="", every=0.02):
    """Repeats `probe` until it returns something true, and returns that.

    bound: the seconds promised, stretched by ORDERLINE_SLACK; when they have passed, the test fails.
    """
    end = time.monotonic() + seconds(bound)
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < end, f"still {value!r} after {seconds(bound)} s{what and ': '}{what}"
        time.sleep(every)  # noqa: TID251 the one place in which a test waits


async def until_async(probe, bound=10, what="", every=0.02):
    """`until` for a test whose sockets must go on being read meanwhile; the probe may block."""
    end = time.monotonic() + seconds(bound)
    while True:
        value = await asyncio.to_thread(probe)
        if value:
            return value
        assert time.monotonic() < end, f"still {value!r} after {seconds(bound)} s{what and ': '}{what}"
        await asyncio.sleep(every)
