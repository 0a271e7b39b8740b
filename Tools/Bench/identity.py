"""Signing in, and what it does to others."""

import json

from Harness.settings import PROGRAMS
from people import PASSWORD, place_order
from report import Result
from tools import meanwhile, paced, run, wrk


def sign_ins(bench, seconds=None, warm_up=None):
    """Sign-ins a second with as many under way as keep every processor busy."""
    bodies = [
        json.dumps({"email": user.email, "password": PASSWORD, "tokenDelivery": "body"})
        for user in bench.people.signers(8)
    ]
    return wrk(
        bench.gateways[0],
        "post-logins.lua",
        bodies,
        seconds or bench.seconds,
        connections=8,
        threads=1,
        warm_up=bench.warm_up if warm_up is None else warm_up,
    )["perSecond"]


def sign_in(bench):
    """Sign-ins a second, against password hashes alone."""

    def limit():
        return json.loads(run([PROGRAMS / "limits", "argon2", "--seconds", bench.seconds]))["perSecond"]

    measured, limits = bench.alternate("sign-in", lambda: sign_ins(bench), limit)
    return Result("sign-in", "sign-ins/s", measured, limits, 0.90)


def read_beside_sign_in(bench):
    """The slowest hundredth of 300 reads a second while people sign in at full rate, against the same without."""
    user, gateway = bench.people.users(1)[0], bench.gateways[0]
    path = f"{gateway}/api/v1/orders/{place_order(gateway, user)['id']}"

    def alone():
        return paced(path, user.token, 300, bench.seconds, connections=16, warm_up=0.5)["p99"]

    def beside():
        # Signing in begins before the reads and ends after them.
        with meanwhile(lambda: sign_ins(bench, seconds=bench.seconds + 1, warm_up=0)):
            return alone()

    measured, limits = bench.alternate("read-beside-sign-in", beside, alone)
    return Result("read-beside-sign-in", "ms, p99", measured, limits, 3, at_most=True)
