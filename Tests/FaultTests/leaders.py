"""A leader that stands still: somebody else takes its place, and it gives the place up when it wakes."""

import asyncio
import signal

from checker import Violation
from Harness.probes import metric
from Harness.settings import seconds
from history import now

FROZEN_SECONDS, TAKEOVER_SECONDS = 22, 15
# Whoever wakes believes for a moment that nothing has happened.
WAKING_SECONDS, WATCHED_SECONDS = 3, 8
LEADING = "orderline_outbox_leading"


async def freeze(system, kind, found):
    """Freezes the one of `kind` that leads. Returns whom; adds what was broken to `found`."""
    leader = await _leader(system, kind, seconds(15))
    pid = leader and system.signal(leader, signal.SIGSTOP)
    if not pid:
        return [f"nobody of {kind}"]
    begun, successor = now(), None
    try:
        others = [name for name in system.services(kind) if name != leader]
        while not successor and now() < begun + seconds(TAKEOVER_SECONDS):
            successor = next(iter(await _leading(system, others)), None)
            await asyncio.sleep(0.2)
        took = now() - begun
        if not successor:
            found.append(
                Violation(
                    "a frozen leader is replaced within 15 s",
                    f"{leader} stood still from {begun:.3f}; after {took:.1f} s none of {others} led",
                )
            )
        await asyncio.sleep(max(0, begun + FROZEN_SECONDS - now()))
    finally:
        if system.pids.get(leader) == pid:
            system.signal(leader, signal.SIGCONT)
    if both := await _two_at_once(system, kind):
        found.append(
            Violation(
                "a leader that wakes gives its place up",
                f"{leader} and {successor} both led for {both:.1f} s after {leader} woke",
            )
        )
    return [leader, f"replaced by {successor} after {took:.1f} s"]


async def _two_at_once(system, kind):
    """For how long two said at once that they lead, when that was too long; else 0."""
    until, since = now() + seconds(WATCHED_SECONDS), None
    while now() < until:
        if len(await _leading(system, system.services(kind))) < 2:
            since = None
        else:
            since = since or now()
            if now() - since > seconds(WAKING_SECONDS):
                return now() - since
        await asyncio.sleep(0.2)
    return 0


async def _leader(system, kind, bound):
    until = now() + bound
    while now() < until:
        if leaders := await _leading(system, system.services(kind)):
            return leaders[0]
        await asyncio.sleep(0.2)
    return None


async def _leading(system, names):
    """Those of `names` that say they lead. Who does not answer does not say so."""
    ops = system.run["ops"]
    values = await asyncio.gather(*(asyncio.to_thread(metric, ops[name], LEADING, 2) for name in names if name in ops))
    return [name for name, value in zip((name for name in names if name in ops), values) if value == 1]
