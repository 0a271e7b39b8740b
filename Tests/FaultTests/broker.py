"""Messages as processes of another version would send them: over NATS, with a service's own credentials."""

import asyncio
import json
import uuid
from contextlib import asynccontextmanager

import nats


def envelope(payload, **headers):
    """The bytes of a message with headers: Shared/NATSTransport/EnvelopeCoding.swift."""
    block = bytes([1, len(headers)])
    for header, text in headers.items():
        name, value = header.replace("_", "-").encode(), text.encode()
        block += bytes([len(name)]) + len(value).to_bytes(2, "little") + name + value
    return block + (payload if isinstance(payload, bytes) else json.dumps(payload).encode())


def opened(message):
    """Headers and payload of a message."""
    if message[:1] != b"\1":
        return {}, message
    headers, position = {}, 2
    for _ in range(message[1]):
        name = position + 3 + message[position]
        value = name + int.from_bytes(message[position + 1 : position + 3], "little")
        headers[message[position + 3 : name].decode()] = message[name:value].decode()
        position = value
    return headers, message[position:]


def with_extras(value, kept=("specifications", "metadata", "changes", "query")):
    """The same with one more member in each object, save in a client's own data."""
    if isinstance(value, list):
        return [with_extras(each) for each in value]
    if not isinstance(value, dict):
        return value
    more = {name: each if name in kept else with_extras(each) for name, each in value.items()}
    return {**more, "addedLater": {"a": 1}}


@asynccontextmanager
async def signed_in(stack, service):
    """A connection as the service has it."""
    connection = await nats.connect(
        stack.run["nats"]["url"],
        user=service,
        inbox_prefix=f"_INBOX.{service}",
        password=stack.secrets()[f"NATS_{service.upper()}_PASSWORD"],
    )
    try:
        yield connection
    finally:
        await connection.close()


def publish(stack, subject, payload, **headers):
    """Puts an event into the stream; returns its position there."""

    async def put():
        async with signed_in(stack, subject.split(".")[0]) as connection:
            return (await connection.jetstream().publish(subject, envelope(payload, **headers))).seq

    return asyncio.run(put())


def new_event():
    """The header that every event has."""
    return {"event_id": str(uuid.uuid4())}


def ask(stack, service, subject, parameters, body=None, **headers):
    """A request as `service` makes it, and what it was answered with: headers and decoded payload."""

    async def call():
        async with signed_in(stack, service) as connection:
            # A client's body follows the parameters as it came.
            payload = json.dumps(parameters) + ("" if body is None else "\n" + json.dumps(body))
            return (await connection.request(subject, envelope(payload.encode(), **headers), timeout=10)).data

    headers, payload = opened(asyncio.run(call()))
    return headers, json.loads(payload)
