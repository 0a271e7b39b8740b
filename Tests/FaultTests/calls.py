"""People at the HTTP door: one call is tried again, with the same key, until somebody answers it."""

import asyncio
import random

import aiohttp

from Harness.person import PREFIX
from Harness.settings import seconds
from history import now

ATTEMPT_SECONDS = 20
# What says nothing about whether it was done: the answer of a part that could not reach the one that knows.
UNCERTAIN = {502, 503, 504}


class Caller:
    """A signed-in user. `name` is what the history calls them."""

    def __init__(self, name, token, user):
        self.name, self.token, self.id, self.is_admin = name, token, user["id"], user["role"] == "Admin"


class Calls:
    """HTTP calls to a gateway chosen anew for each attempt."""

    def __init__(self, gateways, seed):
        self.gateways = gateways
        self.random = random.Random(seed)
        # No more calls are begun again after this moment.
        self.give_up_at = float("inf")

    async def __aenter__(self):
        timeout = aiohttp.ClientTimeout(total=seconds(ATTEMPT_SECONDS))
        self.http = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_):
        await self.http.close()

    async def once(self, method, path, token=None, body=None, headers=None, base=None):
        """One attempt: (status, decoded body, response headers).

        Throws: aiohttp.ClientError, TimeoutError, OSError when no answer came.
        """
        headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        base = base or self.random.choice(self.gateways)
        async with self.http.request(method, base + PREFIX + path, json=body, headers=headers) as response:
            raw = await response.read()
            decoded = await response.json(content_type=None) if raw else None
            return response.status, decoded, response.headers

    async def carry_out(self, operation, method, path, person, body=None, headers=None, retry=True, wait_for=()):
        """Carries an operation out and settles it.

        retry: asks again after an uncertain attempt; only for what carries a key that makes this safe.
        wait_for: codes of refusals that pass by themselves.
        """
        while True:
            base = self.random.choice(self.gateways)
            attempt = operation.begin(base.rsplit(":", 1)[1])
            try:
                status, answer, response = await self.once(method, path, person.token, body, headers, base)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                attempt.end, attempt.outcome = now(), type(error).__name__
                status = None
            else:
                attempt.end = now()
                if status < 300:
                    attempt.outcome = "ok" if "Idempotency-Replayed" not in response else "ok, replayed"
                    operation.settle("ok", answer or {})
                    return True
                code = answer.get("code", "?") if isinstance(answer, dict) else "?"
                attempt.outcome = f"{status} {code}"
                if code not in wait_for and code != "idempotency-in-progress" and status not in UNCERTAIN:
                    # A 500 does not say that nothing was done.
                    operation.settle("unknown" if status >= 500 else "refused", refusal=attempt.outcome)
                    return False
            if not retry or now() > self.give_up_at:
                operation.settle("unknown", refusal=attempt.outcome)
                return False
            await asyncio.sleep(self.random.uniform(0.05, 0.5))

    # Signing in, before any fault

    async def register(self, name):
        body = {"name": name, "email": f"{name}@faults.test", "password": "a password of the tests"}
        status, answer, _ = await self.once("POST", "/auth/register", body={**body})
        assert status == 201, answer
        return Caller(name, answer["accessToken"], answer["user"])

    async def sign_in(self, name, email, password):
        status, answer, _ = await self.once("POST", "/auth/login", body={"email": email, "password": password})
        assert status == 200, answer
        return Caller(name, answer["accessToken"], answer["user"])

    async def make_admin(self, first_admin, name):
        person = await self.register(name)
        status, answer, _ = await self.once("PATCH", f"/users/{person.id}", first_admin.token, {"role": "Admin"})
        assert status == 200, answer
        return await self.sign_in(name, f"{name}@faults.test", "a password of the tests")
