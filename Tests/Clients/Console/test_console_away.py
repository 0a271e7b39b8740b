"""The console while the system under it is replaced."""

import signal

import pytest

from Harness.meddler import Meddler
from Harness.person import ok
from Harness.ports import free_ports
from Harness.stack import Stack, running
from Harness.waiting import until


@pytest.mark.processes
def test_a_rolling_restart_and_renewed_tokens_are_not_noticed(tmp_path, chance, open_tab, sign, place):
    stack = Stack(tmp_path / "data", JWT_ACCESS_EXPIRATION="6s", DRAIN_TIME="1s")
    with running(stack, "--port", free_ports(2), "--gateways", 2):
        owner = stack.registered()
        order = place(owner)
        # What stands before gateways sends clients to one that is there.
        with Meddler(stack.gateways[0], chance) as meddler:
            page = open_tab(f"/orders/view?id={order['id']}", refusals=True, origin=meddler.origin)
            sign(page, owner)
            box = page.get_by_label("Message", exact=True)
            box.wait_for()
            page.evaluate(
                "window.told = []; new MutationObserver(() => told.push(document.body.textContent)).observe("
                "document.querySelector('#connection'), { childList: true, subtree: true })"
            )
            for number in range(30):
                box.fill(f"message {number}")
                box.press("Enter")
                page.wait_for_timeout(500)
                if number in (8, 20):
                    name = "gateway-1" if number == 8 else "gateway-2"
                    stack.until_ready("gateway-1", "gateway-2")
                    meddler.gateway = stack.gateways[1 if number == 8 else 0]
                    stack.kill(name, signal.SIGTERM)
            until(lambda: page.locator(".message.pending").count() == 0, 20)
            assert page.evaluate("told") == []
            asked = meddler.asked["/api/v1/auth/refresh"].count
        # Tokens of six seconds, for fifteen: renewed, and nobody saw it.
        assert asked >= 2
        owner.login()
        stored = [each["content"] for each in ok(owner.get(f"/chat/rooms/{order['id']}/messages?limit=100"))["items"]]
        assert stored == [f"message {number}" for number in range(30)]
