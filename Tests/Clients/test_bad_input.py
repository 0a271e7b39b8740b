"""Input that once did harm, and the like."""

import base64

import pytest

from orderline import assert_problem, ok
from sockets import WsClient, run_async


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["/chat/rooms", "/orders", "/users"])
@pytest.mark.parametrize("text", [f"{-2 ** 63} 01900000-0000-7000-8000-000000000000", f"{2 ** 63 - 1} x", f"{-2 ** 63}",
                                  f"{2 ** 64}", " ", "01900000-0000-7000-8000-00000000000g", "\0"])
def test_a_cursor_of_ones_own_making_is_invalid_and_nothing_stops(run, admin, path, text):
    pids = dict(run.now["pids"])
    assert_problem(admin.get(path, params={"cursor": cursor(text)}), 400, "invalid-cursor")
    ok(admin.get(path))
    assert run.now["pids"] == pids


def test_specifications_are_searched_as_the_text_that_they_are(user):
    quoted = user.create_order(description="Pipe", specifications='5" pipe\nsecond line')["id"]
    plain = user.create_order(description="Hose", specifications="plain")["id"]

    def found(q):
        return [o["id"] for o in ok(user.get("/orders", params={"q": q}))["items"]]
    assert found('5" PIPE') == [quoted] and found("pipe\nsecond") == [quoted]
    assert found('"') == [quoted] and found("plain") == [plain]
    # A combining mark after a sign that means something in patterns.
    assert found("%\u0301") == []


@run_async
async def test_a_frame_with_an_id_is_answered_under_it_whatever_is_wrong_with_it(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    for wrong in ('{"id":7,"event":"leaveRoom","data":{},"x":1}', '{"id":7,"event":5}'):
        client.log.clear()
        await client.raw(wrong)
        kind, name, frame = (await client.wait_until(lambda: client.log[:1]))[0]
        assert (kind, name) == ("ack", 7) and frame["error"]["code"] == "validation-failed", frame
    client.doubled.clear()
    for data, fields in (({"after": 5}, ["orderId"]), ({"after": -1, "x": 1}, ["orderId"])):
        problem = await client.refused("joinRoom", data, 400, "validation-failed")
        named = [fault["field"] for fault in (problem or {}).get("errors", [])]
        assert not named or named == fields, named
    await client.close()
