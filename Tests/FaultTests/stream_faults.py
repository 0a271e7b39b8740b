"""The event stream drops its oldest events before one service has taken them."""

import asyncio
import json
import urllib.request

import nats.errors

from broker import envelope, new_event, signed_in
from history import now

# What people do in the meantime is what gets lost.
WORK_SECONDS, FILLING_SECONDS = 8, 30
EVENT_BYTES = 100_000


async def overfill(system, publisher):
    """Lets some events gather and publishes others until those are gone. Returns how many were dropped untaken.

    Throws: OSError or a NATS error when the message server is not there.
    """
    begun = (await _state(system))["last_seq"]
    await asyncio.sleep(WORK_SECONDS)
    gathered = (await _state(system))["last_seq"]
    until = now() + FILLING_SECONDS
    async with signed_in(system, publisher) as connection:
        stream = connection.jetstream()
        while (await _state(system))["first_seq"] <= gathered and now() < until:
            # A kind of event that nobody knows yet is passed over by everybody.
            await asyncio.gather(
                *(
                    stream.publish(f"{publisher}.event.filler", envelope({"filler": "-" * EVENT_BYTES}, **new_event()))
                    for _ in range(10)
                )
            )
    dropped = min((await _state(system))["first_seq"] - 1, gathered) - begun
    return f"{dropped} events dropped"


async def _state(system):
    def ask():
        with urllib.request.urlopen(system.run["nats"]["monitor"] + "/jsz?streams=1", timeout=5) as answer:
            accounts = json.load(answer).get("account_details") or []
        for account in accounts:
            for stream in account.get("stream_detail") or []:
                return stream["state"]
        raise OSError("there is no stream")

    return await asyncio.to_thread(ask)


FAILURES = (OSError, nats.errors.Error, ValueError)
