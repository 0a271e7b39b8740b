"""A run of about two minutes with a fixed seed, against a system of its own."""

from faults import run

SEED = 20240229


def test_nothing_promised_is_broken_while_parts_are_killed_paused_and_starved():
    found = run(minutes=1.6, seed=SEED)
    assert not found, "\n".join(f"{each.rule}: {each.text}" for each in found)
