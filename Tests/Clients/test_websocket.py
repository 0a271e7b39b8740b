"""docs/api.md §7, the plain WebSocket door: identifying, frames, acknowledgements and close codes."""

import asyncio
import json
import uuid

import pytest
import websockets

from Harness.person import ok
from Harness.settings import seconds
from Harness.shapes import assert_message, assert_problem_object, assert_room
from Harness.sockets import Refused, WsClient, run_async

KIB64 = 65536


async def one_event(client, raw, status, code, **options):
    """The frame must bring exactly one `error` event with this problem, and the socket must stay."""
    before = len(client.events("error"))
    await client.raw(raw, **options)
    await client.wait_until(lambda: len(client.events("error")) > before)
    problem = assert_problem_object(client.events("error")[-1], status, code)
    await client.refused("noSuchEvent", {}, 404, "not-found")
    assert len(client.events("error")) == before + 1, client.log
    return problem


# Identifying


@run_async
async def test_a_token_in_the_header_identifies(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    order = user.create_order()
    assert (await client.join(order["id"]))["room"]["orderId"] == order["id"]
    await client.close()


@run_async
async def test_a_token_in_the_first_frame_identifies(gateway, user):
    client = await WsClient.connect(gateway)
    answer = await client.call("authenticate", {"token": user.token})
    assert set(answer) == {"user", "sessionId", "expiresAt"} and answer["user"]["id"] == user.id, answer
    current = next(s for s in ok(user.get("/auth/sessions"))["items"] if s["current"])
    assert answer["sessionId"] == current["id"]
    await client.refused("noSuchEvent", {}, 404, "not-found")
    await client.close()


@run_async
async def test_any_other_first_frame_is_refused_and_closes(gateway, user):
    order = user.create_order()
    client = await WsClient.connect(gateway)
    await client.refused("sendMessage", {"orderId": order["id"], "content": "x"}, 401, "unauthenticated")
    await client.wait_closed()
    assert client.close_code == 4401
    client = await WsClient.connect(gateway)
    await client.emit("joinRoom", order["id"])
    assert_problem_object(await client.wait_for("error"), 401, "unauthenticated")
    await client.wait_closed()
    assert client.close_code == 4401


@run_async
async def test_a_bad_token_in_the_first_frame_is_refused(gateway):
    client = await WsClient.connect(gateway)
    await client.refused("authenticate", {"token": "a.b.c"}, 401, "unauthenticated")
    await client.close()


@run_async
async def test_silence_for_ten_seconds_closes(gateway):
    client = await WsClient.connect(gateway)
    start = asyncio.get_running_loop().time()
    await client.wait_closed(15)
    assert client.close_code == 4401 and asyncio.get_running_loop().time() - start > 8


@pytest.mark.parametrize("value", ["Bearer nonsense", "Bearer a.b.c", "Basic YTpi", "Bearer "])
@run_async
async def test_a_bad_authorization_header_is_refused_at_the_handshake(gateway, value):
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await WsClient.connect(gateway, headers={"Authorization": value})
    response = refusal.value.response
    assert response.status_code == 401
    assert_problem_object(json.loads(response.body), 401, "unauthenticated")


@run_async
async def test_origins_are_checked_at_the_handshake(gateway, user):
    for origin in ("https://elsewhere.example", "null"):
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await WsClient.connect(gateway, user.token, origin=origin)
        assert refusal.value.response.status_code == 403
        assert_problem_object(json.loads(refusal.value.response.body), 403, "forbidden")
    await (await WsClient.connect(gateway, user.token, origin=gateway)).close()


@run_async
async def test_a_listed_origin_is_let_in(gateway, user, cors_origin):
    await (await WsClient.connect(gateway, user.token, origin=cors_origin)).close()


# Renewing


@run_async
async def test_authenticating_again_renews_or_changes_the_session(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    renewed = ok(user.post("/auth/refresh"))["accessToken"]
    before = (await client.call("authenticate", {"token": user.token}))["sessionId"]
    assert (await client.call("authenticate", {"token": renewed}))["sessionId"] == before
    second = user.at(user.base)
    second.login()
    assert (await client.call("authenticate", {"token": second.token}))["sessionId"] != before
    # The first session is no longer this socket's.
    assert user.post("/auth/logout").status_code == 204
    await client.join(ok(second.get("/users/me")) and second.create_order()["id"])
    assert second.post("/auth/logout").status_code == 204
    assert (await client.wait_for("sessionEnded"))["reason"] == "logged-out"
    await client.wait_closed()
    assert client.close_code == 4401


# Frames


@pytest.mark.parametrize("raw", ["", "{", "nope", '{"event":"joinRoom","data":{}', "[" * 5000, '{"event":'])
@run_async
async def test_a_malformed_frame_is_an_error_and_the_socket_stays(gateway, user, raw):
    client = await WsClient.connect(gateway, user.token)
    await one_event(client, raw, 400, "malformed-json")
    await client.close()


@run_async
async def test_an_unknown_event_is_not_found(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    await client.refused("dance", {}, 404, "not-found")
    await one_event(client, '{"event":"dance","data":{}}', 404, "not-found")
    await client.close()


@run_async
async def test_a_failure_without_an_id_arrives_as_an_error_event(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    raw = json.dumps({"event": "sendMessage", "data": {"orderId": str(uuid.uuid4()), "content": "x"}})
    await one_event(client, raw, 404, "not-found")
    await client.close()


@pytest.mark.parametrize(
    "payload, options, code",
    [
        (b"\x00\x01", {}, 1003),
        (b'{"event":"\xff\xfe"}', {"text": True}, 1007),
        (json.dumps({"event": "x", "data": "y" * KIB64}), {}, 1009),
    ],
    ids=["binary", "bad UTF-8", "over 64 KiB"],
)
@run_async
async def test_what_the_protocol_forbids_closes_with_its_code(gateway, user, payload, options, code):
    client = await WsClient.connect(gateway, user.token)
    await client.raw(payload, **options)
    await client.wait_closed()
    assert client.close_code == code


@run_async
async def test_a_frame_of_64_kib_and_one_in_pieces_are_read(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    frame = json.dumps({"event": "dance", "data": {}})
    await one_event(client, frame.ljust(KIB64), 404, "not-found")
    await one_event(client, [frame[:5], frame[5:9], frame[9:]], 404, "not-found")
    await client.close()


@pytest.mark.parametrize(
    "raw",
    [
        "null",
        "[]",
        "3",
        '"x"',
        "{}",
        '{"event":5,"data":{}}',
        '{"event":null}',
        '{"event":"joinRoom"}',
        '{"event":"joinRoom","data":null}',
        '{"event":"sendMessage","data":[1]}',
        '{"id":1e99,"event":"typing","data":{}}',
        '{"event":"joinRoom","data":{"orderId":"a","orderId":"b"}}',
    ],
)
@run_async
async def test_a_frame_that_makes_no_sense_never_ends_the_socket(gateway, user, raw):
    client = await WsClient.connect(gateway, user.token)
    await client.raw(raw)
    await client.refused("dance", {}, 404, "not-found")
    assert not client.closed.is_set()
    for problem in client.events("error"):
        assert problem["status"] < 500, problem
    await client.close()


@run_async
async def test_a_ping_is_answered_and_a_close_too(gateway, user):
    client = await WsClient.connect(gateway, user.token)
    async with asyncio.timeout(seconds(5)):
        # Done when a pong has come with the same payload.
        await (await client.ws.ping(b"are you there"))
    await client.close()
    assert client.close_code == 1000


# Calls


@run_async
async def test_every_call_is_acknowledged_exactly_once_by_its_own_number(gateway, user):
    order = user.create_order()
    client = await WsClient.connect(gateway, user.token)
    await client.join(order["id"])
    sent = await asyncio.gather(*[client.say(order["id"], f"m{n}") for n in range(50)])
    assert [m["content"] for m in sent] == [f"m{n}" for n in range(50)]
    assert [m["seq"] for m in sent] == list(range(1, 51)), "stored in another order than sent"
    await client.wait_until(lambda: client.seqs(order["id"]) == list(range(1, 51)))
    await client.close()


@run_async
async def test_calls_are_refused_like_their_http_twins(gateway, user, other, admin):
    order, foreign = user.create_order()["id"], other.create_order()["id"]
    client = await WsClient.connect(gateway, user.token)
    for event, rest in (
        ("joinRoom", {}),
        ("sendMessage", {"content": "x"}),
        ("markRead", {"seq": 1}),
        ("typing", {"isTyping": True}),
    ):
        await client.refused(event, {"orderId": foreign, **rest}, 403, "forbidden")
        await client.refused(event, {"orderId": str(uuid.uuid4()), **rest}, 404, "not-found")
        await client.refused(event, {"orderId": order, **rest, "colour": 1}, 400, "validation-failed", "colour")
    await client.refused("closeRoom", {"orderId": order, "summary": "x"}, 403, "forbidden")
    await client.refused("joinRoom", {"orderId": order, "limit": 101}, 400, "validation-failed", "limit")
    await client.refused("joinRoom", {"orderId": order, "limit": 0}, 400, "validation-failed", "limit")
    for content in ("", "  ", "c" * 4001, "a\0b", None):
        await client.refused("sendMessage", {"orderId": order, "content": content}, 400, "validation-failed", "content")
    admin.close(order)
    await client.refused("sendMessage", {"orderId": order, "content": "x"}, 409, "room-closed")
    # The failed joins left nothing subscribed.
    other.say(foreign)
    own = user.create_order()["id"]
    await client.join(own)
    await client.say(own)
    await client.wait_until(lambda: client.seqs(own) == [1])
    assert client.seqs(foreign) == []
    await client.close()


@run_async
async def test_joining_brings_the_newest_messages_or_those_after_a_number(gateway, user):
    order = user.create_order()["id"]
    for n in range(60):
        user.say(order, f"m{n + 1}")
    client = await WsClient.connect(gateway, user.token)

    async def joined(data):
        await client.call("leaveRoom", {"orderId": order})
        answer = await client.call("joinRoom", data)
        assert set(answer) == {"room", "messages", "hasMore"}
        assert_room(answer["room"])
        return [m["seq"] for m in answer["messages"]], answer["hasMore"]

    assert await joined(order) == (list(range(11, 61)), True)
    assert await joined({"orderId": order, "limit": 3}) == ([58, 59, 60], True)
    assert await joined({"orderId": order, "limit": 100}) == (list(range(1, 61)), False)
    assert await joined({"orderId": order, "after": 57}) == ([58, 59, 60], False)
    assert await joined({"orderId": order, "after": 60}) == ([], False)
    assert client.seqs(order) == []
    await client.close()


@run_async
async def test_what_does_not_fit_the_join_follows_in_order_before_anything_live(gateway, user):
    order = user.create_order()["id"]
    for n in range(60):
        user.say(order, f"m{n + 1}")
    client = await WsClient.connect(gateway, user.token)
    answer, *_ = await asyncio.gather(client.join(order, after=5, limit=10), client.say(order), client.say(order))
    assert [m["seq"] for m in answer["messages"]] == list(range(6, 16)) and answer["hasMore"] is True
    await client.wait_until(lambda: len(client.seqs(order)) >= 47)
    assert client.seqs(order) == list(range(16, 63))
    first = next(kind for kind, name, data in client.log if kind == "ack" or name == "newMessage")
    assert first == "ack", "a message came before the acknowledgement of the join"
    await client.close()


@run_async
async def test_joining_without_an_id_brings_joined_room(gateway, user):
    order = user.create_order()["id"]
    user.say(order)
    client = await WsClient.connect(gateway, user.token)
    await client.emit("joinRoom", {"orderId": order})
    joined = await client.wait_for("joinedRoom")
    assert joined["room"]["orderId"] == order and [m["seq"] for m in joined["messages"]] == [1]
    assert joined["hasMore"] is False
    assert await client.call("leaveRoom", {"orderId": order}) == {}
    await client.close()


@run_async
async def test_sending_marking_and_closing_need_no_join(gateway, user, admin):
    order = user.create_order()["id"]
    client, desk = await WsClient.connect(gateway, user.token), await WsClient.connect(gateway, admin.token)
    key = str(uuid.uuid4())
    sent = await client.say(order, "Hello", clientMessageId=key)
    assert_message(sent, order)
    assert await client.say(order, "other", clientMessageId=key) == sent
    assert await desk.call("markRead", {"orderId": order, "seq": 1}) == {}
    assert admin.room(order)["unread"] == 0
    room = await desk.call("closeRoom", {"orderId": order, "summary": "Done"})
    assert_room(room)
    assert room["isOpen"] is False and room["lastSeq"] == 2
    await desk.refused("closeRoom", {"orderId": order, "summary": "Again"}, 409, "room-closed")
    with pytest.raises(Refused):
        await client.say(order, "late")
    assert client.seqs(order) == []
    await client.close()
    await desk.close()
