"""Chance that can be had again: ORDERLINE_SEED, printed beside each test that fails, draws the same once more."""

import os
import random

# In the environment too: tests that run in several processes share it.
SEED = os.environ.setdefault("ORDERLINE_SEED", str(random.SystemRandom().randrange(1_000_000)))


def chance(*names):
    """A generator of its own for whatever is named so."""
    return random.Random("/".join(map(str, (SEED, *names))))
